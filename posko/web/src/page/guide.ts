/** The pages that begin with a guide. */
export type Guided = 'lapor' | 'konsol'

const mark = (page: Guided): string => `posko.${page}.guide`

/** Whether the guide of a page has not been dismissed in this browser. */
export function isGuideWanted(page: Guided): boolean {
  return localStorage.getItem(mark(page)) === null
}

/** It is not shown again. */
export function dismissGuide(page: Guided): void {
  localStorage.setItem(mark(page), '1')
}
