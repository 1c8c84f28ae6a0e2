/** What a statement does, to what. */
export interface StatementSummary {
  /** E.g. `SELECT`. */
  readonly operation: string;
  /** The first table it is about; undefined when there is none. */
  readonly table: string | undefined;
  /** Both, e.g. `SELECT orders`. */
  readonly summary: string;
}

const MOST_REMEMBERED = 500;

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
  const outermost = withoutInside(text.replace(/'(?:[^']|'')*'/g, "''"));
  const [, first = 'other'] = /^[\s(]*([a-z]+)/i.exec(outermost) ?? [];
  const isWith = first.toLowerCase() === 'with';
  const verb = isWith ? /\b(?:select|insert|update|delete)\b/i.exec(outermost)?.[0] : first;
  const operation = (verb ?? first).toUpperCase();
  const [, table] = (TABLE_AFTER.get(operation) ?? OF_OTHERS).exec(outermost) ?? [];
  return {
    operation,
    table,
    summary: table === undefined ? operation : `${operation} ${table}`,
  };
}

/** With a mark for all that stands in parentheses: subqueries, columns, arguments. */
function withoutInside(text: string): string {
  let [before, after] = ['', text];
  while (before !== after) [before, after] = [after, after.replace(/\([^()]*\)/g, '~')];
  return after;
}

/** A table, with its schema or not, and no function. */
const NAME = String.raw`(?:"?\w+"?\.)?"?([a-z_]\w{0,62})"?(?![\w.~])`;

const after = (words: string): RegExp => new RegExp(String.raw`\b${words}\s+${NAME}`, 'i');

const TABLE_AFTER: ReadonlyMap<string, RegExp> = new Map([
  ['SELECT', after(String.raw`from(?:\s+only)?`)],
  ['DELETE', after(String.raw`from(?:\s+only)?`)],
  ['INSERT', after('into')],
  ['UPDATE', after(String.raw`update(?:\s+only)?`)],
]);
const OF_OTHERS = after(String.raw`table(?:\s+if(?:\s+not)?\s+exists)?`);
