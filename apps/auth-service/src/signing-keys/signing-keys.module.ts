import { Module } from '@nestjs/common';
import { repeated } from '@sallyport/nest-zero-trust';
import { LOGGER } from '../app.tokens';
import { JwksController } from './jwks.controller';
import { SigningKeyRotation } from './signing-key-rotation';
import { SigningKeysRepository } from './signing-keys.repository';
import { SigningKeysService } from './signing-keys.service';

@Module({
  controllers: [JwksController],
  providers: [SigningKeysService, SigningKeysRepository, ...repeated(SigningKeyRotation, LOGGER)],
  exports: [SigningKeysService],
})
export class SigningKeysModule {}
