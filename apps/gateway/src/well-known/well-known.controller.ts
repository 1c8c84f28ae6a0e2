import { Controller, Get, Header, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '@sallyport/nest-zero-trust';
import { ISSUER_KEYS } from '../app.tokens';
import { Describe } from '../docs/describe.decorator';
import { problem } from '../problems/problem';
import { JwkSet, type PublicJwkSet } from './published-keys';

/** Where the issuer's public keys come from. */
export interface PublishesKeys {
  /** Undefined before the first set has arrived. */
  readonly published: PublicJwkSet | undefined;
}

/** What other parties need to verify this system's access tokens. */
@ApiTags('well-known')
@Controller('.well-known')
export class WellKnownController {
  constructor(@Inject(ISSUER_KEYS) private readonly issuerKeys: PublishesKeys) {}

  /** The JWK Set of the issuer. Keys are published well before they sign, so a minute of caching misses none. */
  @Get('jwks.json')
  @Header('cache-control', 'public, max-age=60')
  @Public()
  @Describe({
    summary: 'The public keys access tokens are signed with (RFC 7517)',
    answers: { 200: JwkSet },
    problems: { 503: ['keys_unavailable'] },
  })
  jwks(): PublicJwkSet {
    const { published } = this.issuerKeys;
    if (published === undefined) throw problem('keys_unavailable');
    return published;
  }
}
