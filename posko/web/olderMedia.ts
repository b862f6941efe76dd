import type { Plugin } from 'vite'

const RANGE = /\(\s*(width|height)\s*(<=?|>=?)\s*([\d.]+)(rem|em|px)\s*\)/g
/** Of a rem or a pixel: no screen's edge falls between. */
const HAIR = 0.01

/**
 * `(width < 30rem)` as browsers before Chrome 104 and Safari 16.4 read it. The builder's own way, `not (min-width:30rem)`, is as
 * new as the range is: there it matches nothing, and a page that is narrow would stand as if it were wide.
 */
export function olderMedia(): Plugin {
  return {
    name: 'posko-older-media',
    enforce: 'pre',
    transform: (code, id) => (/\.css(\?|$)|type=style/.test(id) && /@media/.test(code) ? { code: code.replace(RANGE, bounded), map: null } : null),
  }
}

function bounded(_whole: string, side: string, order: string, number: string, unit: string): string {
  const by = { '<': -HAIR, '<=': 0, '>=': 0, '>': HAIR }[order] ?? 0
  return `(${order.startsWith('<') ? 'max' : 'min'}-${side}: ${Number((Number(number) + by).toFixed(3))}${unit})`
}
