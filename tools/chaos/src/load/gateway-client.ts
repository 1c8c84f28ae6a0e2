import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import type { History } from '../history/history';

export interface Call {
  readonly method?: 'DELETE' | 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  readonly accessToken?: string | undefined;
}

export interface Answer {
  /** 0 when none came. */
  readonly status: number;
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly json: Readonly<Record<string, unknown>>;
  /** The cookie it sets, as it is sent back; undefined when it sets none. */
  readonly cookie: string | undefined;
  readonly code: string | undefined;
}

/** How long an answer is waited for: longer than the gateway gives anything. */
const ANSWER_TIMEOUT_MS = 12_000;

/** Whether a client that tries again may hope for another outcome. */
export function isWorthRepeating({ status }: Pick<Answer, 'status'>): boolean {
  return status === 0 || status === 408 || status === 425 || status === 429 || status >= 500;
}

export function isSuccess({ status }: Pick<Answer, 'status'>): boolean {
  return status >= 200 && status < 300;
}

/** Speaks to the gateway as anybody outside can, and writes down what came of it. Never rejects. */
export class GatewayClient {
  readonly #agent: Agent;

  constructor(
    readonly origin: string,
    caFile: string,
    private readonly history: Pick<History, 'requests'>,
  ) {
    this.#agent = new Agent({
      connect: { ca: readFileSync(caFile), timeout: ANSWER_TIMEOUT_MS },
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
    });
  }

  /** @param operation under which it is counted; nothing is written down without one */
  async ask(operation: string | undefined, call: Call): Promise<Answer> {
    const sentAt = performance.now();
    const answer = await this.#send(call).catch(() => NONE);
    const timed = { ...answer, sentAt, answeredAt: performance.now() };
    if (operation !== undefined) {
      const { status, code, answeredAt } = timed;
      this.history.requests.push({ operation, sentAt, answeredAt, status, code });
    }
    return timed;
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #send({
    method = 'GET',
    path,
    headers = {},
    json,
    form,
    accessToken,
  }: Call): Promise<Omit<Answer, 'sentAt' | 'answeredAt'>> {
    const body =
      json === undefined ? form && new URLSearchParams(form).toString() : JSON.stringify(json);
    const type = json === undefined ? 'application/x-www-form-urlencoded' : 'application/json';
    const response = await request(new URL(path, this.origin), {
      dispatcher: this.#agent,
      method,
      headers: {
        ...(body !== undefined && { 'content-type': type }),
        ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
        ...headers,
      },
      ...(body !== undefined && { body }),
    });
    const parsed = parse(await response.body.text());
    const [cookie] = String(response.headers['set-cookie'] ?? '').split(';', 1);
    return {
      status: response.statusCode,
      json: parsed,
      cookie: cookie === '' ? undefined : cookie,
      code: typeof parsed['code'] === 'string' ? parsed['code'] : undefined,
    };
  }
}

const NONE = { status: 0, json: {}, cookie: undefined, code: undefined };

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
