import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core';
import { ProblemExceptionFilter } from '@sallyport/nest-zero-trust';
import { REALM } from '../app.tokens';
import type { GatewayPorts } from '../gateway.ports';
import { GatewayExceptionFilter } from './gateway-exception.filter';
import { PROBLEM_CODES } from './problem-catalogue';

/** Answers failures. Import it last: of several global filters, Nest asks the one registered last. */
@Module({})
export class ProblemsModule {
  static over({ logger, events }: Pick<GatewayPorts, 'logger' | 'events'>): DynamicModule {
    return {
      module: ProblemsModule,
      providers: [
        {
          provide: APP_FILTER,
          inject: [HttpAdapterHost],
          useFactory: (adapterHost: HttpAdapterHost) =>
            new GatewayExceptionFilter(
              new ProblemExceptionFilter({
                adapterHost,
                logger,
                realm: REALM,
                codes: PROBLEM_CODES,
              }),
              events,
            ),
        },
      ],
    };
  }
}
