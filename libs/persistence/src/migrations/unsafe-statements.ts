/** A form of statement that an earlier version of the service, or its traffic, may not survive. */
export interface UnsafeForm {
  readonly name: string;
  /** Against the statement in upper case, its white space made single. */
  readonly pattern: RegExp;
  /** What to do instead; also whether a contract may have it. */
  readonly instead: string;
  readonly isAllowedInContract: boolean;
}

const contract = (name: string, pattern: RegExp, instead: string): UnsafeForm => ({
  ...{ name, pattern, instead },
  isAllowedInContract: true,
});
const never = (name: string, pattern: RegExp, instead: string): UnsafeForm => ({
  ...{ name, pattern, instead },
  isAllowedInContract: false,
});

/** Of statements on tables that an earlier migration has made. */
export const UNSAFE_FORMS: readonly UnsafeForm[] = [
  contract('drop of a table', /\bDROP TABLE\b/, 'declare a contract'),
  contract('drop of a column', /\bDROP COLUMN\b/, 'declare a contract'),
  contract(
    'drop of a default',
    /\bALTER COLUMN "?\w+"? DROP DEFAULT\b/,
    'declare a contract: earlier versions insert rows without the column',
  ),
  never(
    'rename',
    /\bRENAME (?:TO|COLUMN|"?\w+"? TO)\b/,
    'add the new name, write both, and drop the old one in a contract',
  ),
  never(
    'change of a type',
    /\bALTER COLUMN "?\w+"? (?:SET DATA )?TYPE\b/,
    'add a column of the new type, write both, and drop the old one in a contract',
  ),
  never(
    'column that has to be given',
    /\bADD (?!CONSTRAINT\b|CHECK\b|FOREIGN\b|PRIMARY\b|UNIQUE\b|EXCLUDE\b)(?:COLUMN )?(?:IF NOT EXISTS )?"?\w+"? (?:(?!,|\bDEFAULT\b|\bGENERATED\b).)*\bNOT NULL\b(?:(?!,|\bDEFAULT\b|\bGENERATED\b).)*(?:,|$)/,
    'give it a default, or allow NULL: earlier versions insert rows without it',
  ),
  contract(
    'column that has to be given from now on',
    /\bALTER COLUMN "?\w+"? SET NOT NULL\b/,
    'add CHECK (… IS NOT NULL) NOT VALID, validate it in a migration after that, and set NOT NULL in a contract',
  ),
  never(
    'constraint that is validated in the same step',
    /\bADD (?:CONSTRAINT "?\w+"? )?(?:CHECK|FOREIGN KEY)\b(?!(?:(?!\bADD\b).)*\bNOT VALID\b)/,
    'add it NOT VALID, and validate it in a migration after that',
  ),
  never(
    'key that is built while nobody may write',
    /\bADD (?:CONSTRAINT "?\w+"? )?(?:PRIMARY KEY|UNIQUE|EXCLUDE)\b(?! USING INDEX\b)/,
    'build the index concurrently, and add the constraint USING INDEX',
  ),
  never(
    'index that is built while nobody may write',
    /\bCREATE (?:UNIQUE )?INDEX\b(?! CONCURRENTLY\b)/,
    'createIndexConcurrently in a migration with isNonTransactional',
  ),
  never('lock of a table', /\bLOCK TABLE\b/, 'lock rows'),
  never('rewrite of a table', /\bVACUUM FULL\b|\bCLUSTER\b/, 'do without'),
];

const ADDS_NOT_VALID = /\bNOT VALID\b/;
const VALIDATES = /\bVALIDATE CONSTRAINT\b/;

export interface CheckedMigration {
  readonly isContract: boolean;
  readonly isNonTransactional: boolean;
}

/**
 * What of the statements of a migration is not safe beside an earlier version that runs. A table that the migration itself makes
 * is nobody's yet.
 *
 * @param statements as they were sent, in order
 */
export function unsafeStatements(
  statements: readonly string[],
  { isContract, isNonTransactional }: CheckedMigration,
): readonly string[] {
  const written = statements.map(normalized);
  const made = new Set(
    written.flatMap((text) => match(text, /\bCREATE TABLE (?:IF NOT EXISTS )?"?(\w+)"?/)),
  );
  const faults = written.flatMap((text) => {
    const table =
      match(text, /\b(?:ALTER TABLE|DROP TABLE|LOCK TABLE) (?:ONLY |IF EXISTS )*"?(\w+)"?/)[0] ??
      match(text, /\bCREATE (?:UNIQUE )?INDEX\b.*? ON "?(\w+)"?/)[0];
    if (table !== undefined && made.has(table)) return [];
    return UNSAFE_FORMS.filter(
      ({ pattern, isAllowedInContract }) =>
        pattern.test(text) && !(isContract && isAllowedInContract),
    ).map(({ name, instead }) => `${name}: ${instead}`);
  });
  if (!isNonTransactional && written.some((text) => /\bCONCURRENTLY\b/.test(text))) {
    faults.push('CONCURRENTLY in a transaction: declare isNonTransactional');
  }
  const inOne =
    written.some((text) => ADDS_NOT_VALID.test(text)) &&
    written.some((text) => VALIDATES.test(text));
  if (inOne && !isNonTransactional) {
    faults.push(
      'constraint that is validated in the same step: validate it in a migration after that',
    );
  }
  return faults;
}

function normalized(statement: string): string {
  return statement
    .replace(/--[^\n]*/g, ' ')
    .replace(/'(?:[^']|'')*'/g, "''")
    .replace(/\s+/g, ' ')
    .trim()
    .toUpperCase();
}

function match(text: string, pattern: RegExp): readonly string[] {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? [] : [found];
}
