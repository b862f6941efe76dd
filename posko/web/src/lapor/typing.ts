/** Whether some field of this page holds what was not there when it was shown. */
export function isTyping(): boolean {
  return [...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('main input, main textarea')].some(
    (field) => (field.type === 'checkbox' || field.type === 'radio' ? (field as HTMLInputElement).checked : field.value !== '') && !field.disabled,
  )
}
