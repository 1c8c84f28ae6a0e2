/** Emphasis for a terminal; the text unchanged anywhere else. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
}

/** Colour only where a person looks on, and not against their wish (https://no-color.org). */
export function paintFor(
  stream: { readonly isTTY?: boolean },
  noColour: string | undefined,
): Paint {
  const inColour = stream.isTTY === true && (noColour ?? '') === '';
  const wrap = (open: number, close: number) => (text: string) =>
    inColour ? `\u001B[${open}m${text}\u001B[${close}m` : text;
  return { bold: wrap(1, 22), dim: wrap(2, 22), good: wrap(32, 39), bad: wrap(31, 39) };
}
