/** A map or set that grows is copied whole: in so many parts, copying one of a million entries holds nothing up. */
export const PARTS = 64;

/** By the last two characters, which of random ids are random. */
function partNumberOf(id: string): number {
  const { length } = id;
  const number = (id.charCodeAt(length - 1) * 31 + id.charCodeAt(length - 2)) % PARTS;
  return Number.isNaN(number) ? 0 : number;
}

/** The part an id belongs to, of as many as there have to be. */
export function partOf<Part>(parts: readonly Part[], id: string): Part {
  const part = parts[partNumberOf(id)];
  if (part === undefined) throw new TypeError(`there have to be ${PARTS} parts`);
  return part;
}
