import { Module } from '@nestjs/common';
import { DevicesModule } from '../devices/devices.module';
import { repeated } from '@sallyport/nest-zero-trust';
import { LOGGER } from '../app.tokens';
import { RevocationsModule } from '../revocations/revocations.module';
import { SigningKeysModule } from '../signing-keys/signing-keys.module';
import { TokenIssuer } from '../tokens/token-issuer';
import { OwnSessionsController } from './own-sessions.controller';
import { OwnSessionsService } from './own-sessions.service';
import { SessionEndsRepository } from './session-ends.repository';
import { SessionPruning } from './session-pruning';
import { SessionsController } from './sessions.controller';
import { SessionsRepository } from './sessions.repository';
import { SessionsService } from './sessions.service';
import { TokenRevocationService } from './token-revocation.service';

@Module({
  imports: [SigningKeysModule, RevocationsModule, DevicesModule],
  controllers: [SessionsController, OwnSessionsController],
  providers: [
    SessionsService,
    OwnSessionsService,
    TokenRevocationService,
    SessionsRepository,
    SessionEndsRepository,
    ...repeated(SessionPruning, LOGGER),
    TokenIssuer,
  ],
  exports: [DevicesModule, SessionsService, OwnSessionsService, SessionEndsRepository],
})
export class SessionsModule {}
