import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { compileModule } from 'svelte/compiler'

/** A module whose name ends in .svelte.js is compiled before it is run. */
export async function load(address, context, next) {
  if (!address.endsWith('.svelte.js')) return next(address, context)
  const filename = fileURLToPath(address)
  const { js } = compileModule(await readFile(filename, 'utf8'), { filename, generate: 'client', dev: false })
  return { format: 'module', source: js.code, shortCircuit: true }
}
