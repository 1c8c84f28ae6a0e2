/** A Markdown table whose columns are as wide as what is in them. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const lineOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const [head = '', ...body] = rows.map((row) =>
    lineOf(widths.map((width, column) => (row[column] ?? '').padEnd(width))),
  );
  return [head, lineOf(widths.map((width) => '-'.repeat(width))), ...body].join('\n');
}
