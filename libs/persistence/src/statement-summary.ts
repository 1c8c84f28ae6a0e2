/** What a statement does, to what. */
export interface StatementSummary {
  /** E.g. `SELECT`. */
  readonly operation: string;
  /** The first table it names; undefined when there is none. */
  readonly table: string | undefined;
  /** Both, e.g. `SELECT orders`. */
  readonly summary: string;
}

const MOST_REMEMBERED = 500;

/** What stands where a table does, and is no function. */
const TABLE = /\b(?:from|into|update|table)\s+(?:only\s+)?"?([a-z_]\w{0,62})"?(?!\w|\s*\()/i;

const remembered = new Map<string, StatementSummary>();

/** Summarises a statement. Texts are few, since values travel beside them; so each is looked at once. */
export function summaryOf(text: string): StatementSummary {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const summary = summarise(text);
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  remembered.set(text, summary);
  return summary;
}

function summarise(text: string): StatementSummary {
  const plain = text.replace(/'(?:[^']|'')*'/g, "''");
  const [, first = 'other'] = /^[\s(]*([a-z]+)/i.exec(plain) ?? [];
  const operation = (first.toLowerCase() === 'with' ? mainVerbOf(plain) : first).toUpperCase();
  const table = TABLE.exec(plain)?.[1];
  return {
    operation,
    table,
    summary: table === undefined ? operation : `${operation} ${table}`,
  };
}

/** What a statement with common table expressions changes; it selects if it changes nothing. */
function mainVerbOf(text: string): string {
  return (
    /\b(?:insert\s+into|update\s+(?!skip\b|nowait\b|of\b)"?\w|delete\s+from)/i
      .exec(text)?.[0]
      .split(/\s/)[0] ?? 'select'
  );
}
