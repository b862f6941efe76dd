import type { Attachment } from 'svelte/attachments'

/**
 * Attributes that are given to an element beside those it is written with; undefined: it has none such. Written out with
 * `{...}` they would bring what spreads attributes to every page's first files.
 */
export function tiedBy(attributes: () => Readonly<Record<string, string | true | undefined>>): Attachment<HTMLElement> {
  return (element) => {
    for (const [name, value] of Object.entries(attributes())) {
      if (value === undefined) element.removeAttribute(name)
      else element.setAttribute(name, String(value))
    }
  }
}
