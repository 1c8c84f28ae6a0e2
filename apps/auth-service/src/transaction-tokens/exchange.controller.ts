import { Controller, Header, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { AllowCallers, CallingWorkload, Public } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import { TOKEN_EXCHANGE } from '@sallyport/principal';
import type { SpiffeId } from '@sallyport/workload-identity';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SECURITY_EVENTS } from '../app.tokens';
import { EXCHANGE_THROTTLE } from '../throttling/exchange-throttle';
import type { ExchangeThrottle } from '../throttling/exchange-throttle';
import { ExchangeRefused } from './exchange-refused';
import { parseExchangeRequest } from './exchange-request';
import { ExchangeService } from './exchange.service';
import { readForm } from './read-form';
import { TransactionTrust } from './transaction-trust';

/**
 * The token endpoint of the transaction token service, on the internal HTTPS face. The client is its certificate; the gateway
 * is not among those that are let in, so that nothing from outside leads here.
 */
@Controller()
export class ExchangeController {
  constructor(
    private readonly exchanges: ExchangeService,
    private readonly trust: TransactionTrust,
    @Inject(EXCHANGE_THROTTLE) private readonly throttle: ExchangeThrottle,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  @Post(TOKEN_EXCHANGE.path)
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @AllowCallers('orders-service')
  @Public()
  async exchange(
    @CallingWorkload() caller: SpiffeId,
    @Req() { raw }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readonly<Record<string, unknown>>> {
    await this.throttle.admit(caller.toString());
    try {
      const request = parseExchangeRequest(await readForm(raw), this.trust.trustDomain);
      const { token, expiresIn } = await this.exchanges.exchange(caller, request);
      return {
        access_token: token,
        issued_token_type: TOKEN_EXCHANGE.transactionToken,
        token_type: TOKEN_EXCHANGE.tokenType,
        expires_in: expiresIn,
      };
    } catch (refusal) {
      if (!(refusal instanceof ExchangeRefused)) throw refusal;
      const { error, reason } = refusal;
      const refused = { type: 'token', outcome: 'refused', reason } as const;
      const [target, clientAddress] = [`POST ${TOKEN_EXCHANGE.path}`, raw.socket.remoteAddress];
      this.events.record({ ...refused, caller: caller.toString(), target, clientAddress });
      reply.status(400);
      return { error, error_description: reason };
    }
  }
}
