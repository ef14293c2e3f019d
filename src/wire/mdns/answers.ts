import {
  emptyMessage,
  recordTypes,
  type DnsMessage,
  type DnsQuestion,
  type DnsRecord,
} from './dns-message.js'
import { instanceName, listEntry, recordsOf, serviceName, type MdnsNode } from './node-packets.js'

/** More questions in one message are nobody's need: a stranger must not make us work for long. */
const mostQuestions = 64
const { A, AAAA, ANY, PTR, SRV, TXT } = recordTypes

/**
 * The answers to a query, a message for each node that has one (PROTOCOL section 9.3): all records in the answer section,
 * the id 0, or the query's where the asker wants the answer for itself. None for a query with an opcode, rcode or TC.
 */
export function answersTo(
  query: DnsMessage,
  nodes: readonly MdnsNode[],
  domains: readonly string[],
): readonly DnsMessage[] {
  if (query.response || !query.plain) return []
  const answers = new Map<string, DnsMessage>() // a question asked twice is answered once
  for (const question of query.questions.slice(0, mostQuestions)) {
    const id = question.unicast ? query.id : 0
    for (const records of answersToOne(question, nodes, domains)) {
      const answer = { ...emptyMessage, id, response: true, authoritative: true, answers: records }
      answers.set(JSON.stringify([question.type, records[0]]), answer)
    }
  }
  return [...answers.values()]
}

function answersToOne(
  question: DnsQuestion,
  nodes: readonly MdnsNode[],
  domains: readonly string[],
): readonly (readonly DnsRecord[])[] {
  const entries = [...nodes, ...listEntries(nodes)]
  const answers = [
    ...domains.flatMap(domain => enumeration(question, entries, domain)),
    ...entries.flatMap(entry => [ofService(question, entry), ofInstance(question, entry)]),
    ...nodes.map(node => ofHost(question, node)),
  ]
  return answers.filter(records => records.length > 0)
}

/** One for each service of a domain, as long as it has a node. */
function listEntries(nodes: readonly MdnsNode[]): readonly MdnsNode[] {
  return [...new Map(nodes.map(node => [serviceName(node.service, node.domain), listEntry(node)])).values()]
}

function ofService({ name, type }: DnsQuestion, entry: MdnsNode): readonly DnsRecord[] {
  if (name !== serviceName(entry.service, entry.domain) || (type !== PTR && type !== ANY)) return []
  const { ptr, srv, address, txt } = recordsOf(entry)
  return [ptr, srv, address, txt]
}

function ofInstance({ name, type }: DnsQuestion, entry: MdnsNode): readonly DnsRecord[] {
  if (name !== instanceName(entry)) return []
  const { srv, address, txt } = recordsOf(entry)
  switch (type) {
    case ANY:
      return [srv, address, txt]
    case SRV:
      return [srv, address]
    case TXT:
      return [txt]
    default:
      return isTypeOf(address, type) ? [address] : []
  }
}

function ofHost({ name, type }: DnsQuestion, node: MdnsNode): readonly DnsRecord[] {
  if (name !== node.host) return []
  const { address } = recordsOf(node)
  return type === ANY || isTypeOf(address, type) ? [address] : []
}

function isTypeOf({ data }: DnsRecord, type: number): boolean {
  return (type === A && data.type === 'A') || (type === AAAA && data.type === 'AAAA')
}

function enumeration(
  { name, type }: DnsQuestion,
  entries: readonly MdnsNode[],
  domain: string,
): readonly (readonly DnsRecord[])[] {
  if (name !== `_services._dns-sd._udp.${domain}` || (type !== PTR && type !== ANY)) return []
  const there = entries.filter(entry => entry.domain === domain)
  const targets = new Set(there.map(entry => serviceName(entry.service, domain)))
  return [...targets].map(target => [{ name, ttlSeconds: 120, data: { type: 'PTR', target } }])
}
