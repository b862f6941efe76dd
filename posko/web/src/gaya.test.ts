import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { contrast, PAIRS, TOKENS } from './gaya/contrast.ts'

/** The colours of each theme, by token. */
function themes(): Map<string, string>[] {
  const css = readFileSync('src/styles/tokens.css', 'utf8')
  return css.split(":root[data-theme='dark']").map((part) => new Map([...part.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = '', value = '']) => [name, value])))
}

test('contrast is as WCAG reckons it', () => {
  assert.equal(contrast('#000000', '#ffffff'), 21)
  assert.equal(contrast('#777777', '#777777'), 1)
  assert.equal(contrast('#0b5c73', '#ffffff').toFixed(2), contrast('#ffffff', '#0b5c73').toFixed(2))
  assert.equal(contrast('#fff', '#123'), contrast('#ffffff', '#112233'))
  assert.ok(Math.abs(contrast('#767676', '#ffffff') - 4.54) < 0.01)
  assert.throws(() => contrast('red', '#ffffff'))
})

test('whatever is written or drawn can be seen, in both themes', () => {
  const found = themes()
  assert.equal(found.length, 2)
  for (const theme of found) {
    for (const { ink, ground, least } of PAIRS) {
      const ratio = contrast(theme.get(ink) ?? '', theme.get(ground) ?? '')
      assert.ok(ratio >= least, `${ink} on ${ground}: ${ratio.toFixed(2)}, needs ${least}`)
    }
  }
})

test('the style page shows every colour that there is', () => {
  for (const theme of themes()) assert.deepEqual([...theme.keys()].sort(), [...TOKENS].sort())
})

test('the style page shows every component that pages share', () => {
  const shown = new Set<string>()
  const follow = (file: string): void => {
    if (shown.has(file) || !/\.(ts|svelte)$/.test(file)) return
    shown.add(file)
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?:from |import |import\()'(\.[^']+)'/g)) if (path) follow(join(dirname(file), path))
  }
  follow('src/gaya/main.ts')
  assert.deepEqual(readdirSync('src/page').filter((name) => name.endsWith('.svelte') && !shown.has(`src/page/${name}`)), [])
})
