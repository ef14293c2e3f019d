import { defineTopic } from 'headrace'
import { Event } from './greeter.headrace.js'

/** The topic that the greeter listens to. */
export const Events = defineTopic('events', Event)
