/** A script of its own, which the browser has long before the page. */
import { askAhead } from './ahead.ts'

askAhead()
