import { createDelivery, type Delivery, type Message, type ServiceError } from '../../../streams/index.js'
import type { Answer, Group, Handed, Member } from './group.js'

/** One subscription in its group: at most a window of its deliveries is unanswered. */
export class Subscriber implements Member {
  private readonly unanswered = new Set<(answer: Answer) => void>()

  constructor(
    private readonly group: Group,
    public room: number,
    private readonly emit: (delivery: Delivery<Message>) => void,
    private readonly failed: (error: ServiceError) => void,
  ) {}

  deliver(message: Message, told: Handed['answered']): void {
    this.room -= 1
    const answered = (answer: Answer) => {
      if (this.unanswered.delete(answered)) told?.(answer)
    }
    this.unanswered.add(answered)
    this.emit(
      createDelivery(message, error => {
        this.room += 1
        if (error !== undefined) this.failed(error)
        answered(error ?? 'acked')
        this.group.pump()
      }),
    )
  }

  /** It takes no more; what has no answer gets none. */
  leave(): void {
    this.group.remove(this)
    for (const answered of [...this.unanswered]) answered('left')
  }
}
