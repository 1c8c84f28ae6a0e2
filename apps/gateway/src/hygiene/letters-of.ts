/** The letters and digits of a name, lower case: what is left of it under every spelling. */
export function lettersOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '');
}
