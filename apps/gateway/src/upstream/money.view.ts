import type { moneyV1 } from '@sallyport/contracts';
import { z } from 'zod';
import { required } from './upstream-response';

export const moneySchema = z
  .object({
    amount: z
      .int()
      .describe('Amount in minor units (cents).')
      .meta({ examples: [1998] }),
    currency: z
      .string()
      .describe('ISO 4217 code.')
      .meta({ examples: ['EUR'] }),
  })
  .meta({ id: 'Money' });

export type MoneyView = z.infer<typeof moneySchema>;

/** @throws UpstreamResponseInvalid when the amount is absent. */
export function moneyView(money: moneyV1.Money | undefined, field: string): MoneyView {
  const { amount, currency } = required(money, field);
  return { amount, currency };
}
