import { Controller, Get, Header } from '@nestjs/common';
import { AllowCallers, Public } from '@sallyport/nest-zero-trust';
import type { PublicJwk } from './signing-key';
import { SigningKeysService } from './signing-keys.service';

/** The published key set (RFC 7517 section 5), on the internal HTTPS face. */
@Controller('.well-known')
export class JwksController {
  constructor(private readonly keys: SigningKeysService) {}

  /**
   * A key is published well before it signs, so a minute-old answer does not lack one; but for the key that takes the
   * place of a tainted one, which verifiers fetch when they meet it.
   */
  @Get('jwks.json')
  @Header('Cache-Control', 'public, max-age=60')
  @AllowCallers('gateway')
  @Public()
  async published(): Promise<{ readonly keys: readonly PublicJwk[] }> {
    return { keys: await this.keys.published() };
  }
}
