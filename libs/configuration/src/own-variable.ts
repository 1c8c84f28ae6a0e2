/** The part of `process.env` that is read: names to text. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a variable, or undefined where it is not set or empty. What the prototype has is none. */
export function readOwn(environment: Environment, variable: string): string | undefined {
  return Object.hasOwn(environment, variable) ? environment[variable] || undefined : undefined;
}
