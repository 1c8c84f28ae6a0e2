import { PROBLEM_GROUPS } from './problem-catalogue';

const INTRODUCTION = `# Errors

Every refusal is an RFC 9457 document, \`application/problem+json\`: \`type\` (\`urn:sallyport:problem:<code>\`), \`title\`, \`status\`,
\`code\` and \`correlationId\`, and further members where the code says so. Decide by \`code\`: codes are stable. Quote
\`correlationId\` when asking for help; it leads to the log lines and security events. A 401 carries \`WWW-Authenticate\`, a 429
and a 503 \`Retry-After\` where it is known when to come back.

No other code than these is answered. The list is written by \`npm run docs:errors\` from
[problem-catalogue.ts](../apps/gateway/src/problems/problem-catalogue.ts).
`;

/** docs/errors.md, from the catalogue of problems. */
export function errorsDocument(): string {
  const sections = Object.entries(PROBLEM_GROUPS).map(([title, problems]) => {
    const rows = Object.entries(problems)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([code, { statuses, means }]) => [`\`${code}\``, statuses.join(', '), means]);
    return `## ${title}\n\n${table([['code', 'status', 'means'], ...rows])}\n`;
  });
  return [INTRODUCTION, ...sections].join('\n');
}

/** A Markdown table with its columns aligned, as the formatter has them. */
function table([header = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  return [header, rule, ...rows].map(line).join('\n');
}
