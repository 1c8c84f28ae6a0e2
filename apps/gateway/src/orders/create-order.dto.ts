import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

const createOrderSchema = z
  .strictObject({
    items: z
      .array(
        z.strictObject({
          sku: z.string().min(1).max(64),
          quantity: z.int().min(1).max(100),
        }),
      )
      .min(1)
      .max(50)
      .describe('Each SKU once. Prices come from the catalogue, never from the client.'),
  })
  .meta({ examples: [{ items: [{ sku: 'keep-key', quantity: 2 }] }] });

export class CreateOrder extends createZodDto(createOrderSchema) {}
