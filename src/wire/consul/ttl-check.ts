/** The check of a registration with a time to live (PROTOCOL section 10). */
export interface TtlCheck {
  /** How long the check holds after it was passed, as Go writes durations. */
  readonly ttl: string
  /** How long a node may stay critical until Consul takes it out by itself. */
  readonly deregisterAfter: string
}

const minuteMs = 60_000
const graceMs = 5_000

/** The check for a TTL in milliseconds. Consul takes a node out five seconds after a TTL of its own, but never before a minute. */
export function ttlCheck(ttlMs: number): TtlCheck {
  return { ttl: goDuration(ttlMs), deregisterAfter: goDuration(Math.max(ttlMs, minuteMs) + graceMs) }
}

/** A duration as Go's `time.Duration.String` writes it: `1m30s`, `1.5s`, `250ms`. Below a millisecond it is one. */
export function goDuration(ms: number): string {
  const whole = Math.max(1, Math.round(ms))
  if (whole < 1_000) return `${whole}ms`
  const hours = Math.floor(whole / 3_600_000)
  const minutes = Math.floor((whole % 3_600_000) / minuteMs)
  const seconds = (whole % minuteMs) / 1_000
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`
}
