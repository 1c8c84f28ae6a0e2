/** The letters and digits of a text without regard to case: what is left when decorations are taken off. */
export function coreOf(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '');
}
