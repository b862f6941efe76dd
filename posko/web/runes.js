/** Lets node run what is written with Svelte's runes, as the browser does: `node --conditions=browser --import ./runes.js`. */
import { register } from 'node:module'

register('./compiling.js', import.meta.url)
