/** A member of a List of Strings with Integer parameters, as RFC 9651 section 3.1 has them. */
const MEMBER = /^"([ !#-[\]-~]*)"((?:;[a-z*][a-z0-9_.*-]*=-?[0-9]{1,15})*)$/;

export interface RateLimitFields {
  readonly policy: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly limit: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/**
 * The two header fields of an answer, by policy name.
 *
 * @throws Error when they are no Structured Fields of this form
 */
export function rateLimitFieldsOf({
  headers,
}: {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}): RateLimitFields {
  return {
    policy: parseList(headers['ratelimit-policy']),
    limit: parseList(headers['ratelimit']),
  };
}

function parseList(
  field: string | string[] | undefined,
): Readonly<Record<string, Readonly<Record<string, number>>>> {
  const members = String(field).split(/[\t ]*,[\t ]*/);
  return Object.fromEntries(
    members.map((member) => {
      const [, name, parameters = ''] = MEMBER.exec(member) ?? [];
      if (name === undefined) throw new Error(`${member} is no String with Integer parameters`);
      const pairs = parameters.split(';').slice(1);
      return [name, Object.fromEntries(pairs.map((pair) => pair.split('=')).map(toNumber))];
    }),
  );
}

function toNumber([name = '', value]: readonly string[]): readonly [string, number] {
  return [name, Number(value)];
}
