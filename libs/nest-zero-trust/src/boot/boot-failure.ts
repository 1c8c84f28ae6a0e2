/**
 * The text of an error that ended a start. Foreseen ones carry a stable `code` and a message for
 * operators: their message alone, on one line. A defect keeps its stack.
 */
export function bootFailureText(error: unknown): string {
  if (!(error instanceof Error)) return oneLine(String(error));
  if (isAddressInUse(error)) return `${addressOf(error)} is already in use`;
  if (isForeseen(error)) return oneLine(messageOf(error));
  return `${oneLine(messageOf(error))}\n${error.stack ?? ''}`;
}

/** Node gives its own programming errors codes too, all of them beginning with ERR_. */
function isForeseen(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && !error.code.startsWith('ERR_');
}

function isAddressInUse(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EADDRINUSE';
}

function addressOf(error: Error): string {
  const { address, port } = error as { address?: string; port?: number };
  const host = address?.includes(':') ? `[${address}]` : address;
  return [host, port].filter((part) => part !== undefined).join(':');
}

/** A connection refused on several addresses is an AggregateError without a message. */
function messageOf(error: Error): string {
  if (error.message !== '') return error.message;
  const causes: readonly unknown[] = error instanceof AggregateError ? error.errors : [];
  const messages = causes.filter((cause) => cause instanceof Error).map(({ message }) => message);
  return messages.join(', ') || error.name;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ');
}
