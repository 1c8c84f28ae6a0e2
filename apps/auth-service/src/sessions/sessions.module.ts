import { Module } from '@nestjs/common';
import { SigningKeysModule } from '../signing-keys/signing-keys.module';
import { TokenIssuer } from '../tokens/token-issuer';
import { SessionPruning } from './session-pruning';
import { SessionsController } from './sessions.controller';
import { SessionsRepository } from './sessions.repository';
import { SessionsService } from './sessions.service';

@Module({
  imports: [SigningKeysModule],
  controllers: [SessionsController],
  providers: [SessionsService, SessionsRepository, SessionPruning, TokenIssuer],
  exports: [SessionsService],
})
export class SessionsModule {}
