import { z } from 'zod';
import type { PublicResponse } from '../public/public-client';

/** An amount in minor units. */
export const money = z.object({ amount: z.int(), currency: z.string() });

const usedSecret = z.object({ lastUsedAt: z.string().nullable() });

/** The answers of the gateway, as far as the story reads them. */
export const answers = {
  catalogue: z.object({ items: z.array(z.object({ sku: z.string(), name: z.string() })).min(1) }),
  token: z.object({ access_token: z.string(), token_type: z.string(), scope: z.string() }),
  account: z.object({ id: z.string(), email: z.string() }),
  order: z.object({
    id: z.string(),
    status: z.string(),
    invoiceId: z.string().nullable(),
    total: money,
  }),
  orders: z.object({ items: z.array(z.object({ id: z.string(), status: z.string() })) }),
  invoice: z.object({ id: z.string(), orderId: z.string(), status: z.string(), total: money }),
  invoices: z.object({
    items: z.array(z.object({ id: z.string(), orderId: z.string(), status: z.string() })),
  }),
  apiKey: z.object({ id: z.string(), key: z.string(), scopes: z.array(z.string()) }),
  apiKeys: z.object({
    items: z.array(z.object({ current: usedSecret, previous: usedSecret.nullable() })),
  }),
  problem: z.object({ code: z.string() }),
} as const;

/** An answer that is not of the shape the story goes on with. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
}

/** @throws UnexpectedAnswer that tells the status and the problem's code instead */
export function parseAnswer<Schema extends z.ZodType>(
  schema: Schema,
  response: PublicResponse,
): z.output<Schema> {
  const parsed = schema.safeParse(response.body);
  if (parsed.success) return parsed.data;
  throw new UnexpectedAnswer(describeAnswer(response));
}

/** `401 token_invalid`: status and, of a problem, its code. */
export function describeAnswer({ status, body }: PublicResponse): string {
  const problem = answers.problem.safeParse(body);
  return problem.success ? `${status} ${problem.data.code}` : String(status);
}

/** `12.50 EUR` of an amount in minor units. */
export function inWords({ amount, currency }: z.output<typeof money>): string {
  return `${(amount / 100).toFixed(2)} ${currency}`;
}
