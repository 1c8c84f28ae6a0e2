import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { nestOptions, UndeclaredHandlerError, ZeroTrustModule } from '@sallyport/nest-zero-trust';
import { createLogger } from '@sallyport/observability';
import { RecordedSecurityEvents } from '@sallyport/testing';

it('does not start with a handler that declares nothing', async () => {
  @Controller('open')
  class ForgottenController {
    @Get()
    read(): string {
      return 'anybody reads this';
    }
  }
  const logger = createLogger({ service: 'gateway', level: 'silent' });
  const calls = { record: () => undefined };
  const trace = { events: new RecordedSecurityEvents(), calls, logger };
  const face = { ...trace, realm: 'sallyport', ownClientId: 'sallyport-web' };
  @Module({ imports: [ZeroTrustModule.forHttp(face)], controllers: [ForgottenController] })
  class CarelessModule {}

  const app = await NestFactory.create(CarelessModule, new FastifyAdapter(), nestOptions(logger));
  await expect(app.init()).rejects.toThrow(UndeclaredHandlerError);
});
