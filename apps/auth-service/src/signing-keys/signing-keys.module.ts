import { Module } from '@nestjs/common';
import { JwksController } from './jwks.controller';
import { SigningKeyRotation } from './signing-key-rotation';
import { SigningKeysRepository } from './signing-keys.repository';
import { SigningKeysService } from './signing-keys.service';

@Module({
  controllers: [JwksController],
  providers: [SigningKeysService, SigningKeysRepository, SigningKeyRotation],
  exports: [SigningKeysService],
})
export class SigningKeysModule {}
