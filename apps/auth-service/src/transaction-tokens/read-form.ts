import type { IncomingMessage } from 'node:http';
import { ProblemError } from '@sallyport/nest-zero-trust';
import { ExchangeRefused } from './exchange-refused';

/** Two tokens with their chains fit several times. */
const LONGEST_FORM_BYTES = 64 * 1024;

/**
 * Reads the body of a request that nobody has read.
 *
 * @throws ExchangeRefused when it is no form; ProblemError 413 `body_too_large`
 */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const [mediaType = ''] = (request.headers['content-type'] ?? '').split(';');
  if (mediaType.trim().toLowerCase() !== 'application/x-www-form-urlencoded') {
    throw new ExchangeRefused('invalid_request', 'media_type_wrong');
  }
  const chunks: Buffer[] = [];
  let length = 0;
  // Left early, an iterator destroys the request, and with it the connection on which the refusal is to go.
  const body = request.iterator({ destroyOnReturn: false });
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST_FORM_BYTES) throw new ProblemError(413, 'body_too_large');
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
