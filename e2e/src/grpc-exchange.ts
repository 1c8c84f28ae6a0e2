import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { RPC_STATUS } from '@sallyport/contracts';
import type { RpcStatus } from '@sallyport/contracts';
import { frameMessage, readMessage } from './grpc-frame';
import type { AnsweredCall, InternalCall } from './internal-client';

const DEADLINE_MS = 10_000;

/** The connection ended without an answer. */
export class ConnectionLost extends Error {}

/** What a service answered. */
export type Answer<Response> = Pick<
  AnsweredCall<Response>,
  'status' | 'reason' | 'response' | 'received'
>;

/**
 * One call over a connection, which is left open.
 *
 * @throws ConnectionLost
 */
export function exchange<Request, Response>(
  session: ClientHttp2Session,
  { method, request, metadata = {}, trailers }: InternalCall<Request, Response>,
  correlationId: string,
): Promise<Answer<Response>> {
  return new Promise((resolve, reject) => {
    let lost = 'closed without an answer';
    const note = (error: Error): void => {
      lost = error.message;
    };
    session.on('error', note);

    const head = {
      ':method': 'POST',
      ':path': method.path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'x-correlation-id': correlationId,
      ...metadata,
    };
    const stream = session.request(head, { waitForTrailers: trailers !== undefined });
    stream.setTimeout(DEADLINE_MS, () => {
      reject(new Error(`no answer to ${method.path}`));
    });
    stream.once('wantTrailers', () => {
      stream.sendTrailers({ ...trailers });
    });
    collect(stream, note, ({ headers, body }) => {
      session.off('error', note);
      const code = headers['grpc-status'];
      if (code === undefined) {
        reject(new ConnectionLost(lost));
        return;
      }
      const isOk = code === '0';
      resolve({
        status: statusOf(Number(code)),
        reason: decodeURIComponent(String(headers['grpc-message'] ?? '')),
        response: isOk ? method.decode(readMessage(body)) : undefined,
        received: `${JSON.stringify(headers)}${isOk ? '' : body.toString('latin1')}`,
      });
    });
    stream.end(frameMessage(method.encode(request)));
  });
}

interface Collected {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function collect(
  stream: ClientHttp2Stream,
  failed: (error: Error) => void,
  done: (collected: Collected) => void,
): void {
  let headers: IncomingHttpHeaders = {};
  const body: Buffer[] = [];
  const take = (more: IncomingHttpHeaders): void => {
    headers = { ...headers, ...more };
  };
  stream.on('response', take);
  stream.on('trailers', take);
  stream.on('data', (chunk: Buffer) => body.push(chunk));
  stream.on('error', failed);
  stream.once('close', () => {
    done({ headers, body: Buffer.concat(body) });
  });
}

function statusOf(code: number): RpcStatus | 'OK' {
  if (code === 0) return 'OK';
  const found = Object.entries(RPC_STATUS).find(([, number]) => number === code);
  if (found === undefined) throw new Error(`${code} is no gRPC status`);
  return found[0] as RpcStatus;
}
