import type { AddressInfo } from 'node:net';
import {
  logVerbosity,
  Server as GrpcServer,
  setLogVerbosity,
  type ConnectionInjector,
  type sendUnaryData,
  type ServerUnaryCall,
} from '@grpc/grpc-js';
import {
  Server,
  Transport,
  type CustomTransportStrategy,
  type MessageHandler,
} from '@nestjs/microservices';
import { RPC_STATUS, type ServiceDefinition } from '@sallyport/contracts';
import { lastValueFrom } from 'rxjs';
import { WireStatus } from '../errors/wire-status';
import { assertGuarded, GUARD_PROBE } from '../guards/guard-probe';
import { Admission } from '../inbound/admission';
import type { ServiceTrust } from '../inbound/service-trust';
import { admissionInterceptor } from './admission.interceptor';
import { channelOptions, type ServerLimits } from './channel-options';
import { MALFORMED, toGrpcService } from './grpc-service';
import { MissingHandlerError } from './missing-handler.error';
import { MutualTlsListener, type ListenAddress } from './mutual-tls-listener';
import { interceptUnknownMethods } from './unknown-methods';
import { VerifiedConnectionCredentials } from './verified-connection.credentials';

export interface GrpcServerOptions extends ServiceTrust, ServerLimits {
  readonly listen: ListenAddress;
  /** What is served: every method of each needs a handler bound with `@RpcMethod`. */
  readonly definitions: readonly ServiceDefinition[];
}

type Call = ServerUnaryCall<unknown, unknown>;

/**
 * Serves generated definitions over gRPC on mutual TLS, as a Nest transport. There is no way to start
 * it in clear, without guards, or with a method that nothing handles.
 */
export class GrpcServerStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId = Transport.GRPC;
  readonly #options: GrpcServerOptions;
  readonly #server: GrpcServer;
  readonly #connections: ConnectionInjector;
  readonly #listener: MutualTlsListener;

  constructor(options: GrpcServerOptions) {
    super();
    this.#options = options;
    // grpc-js prints metadata it cannot parse, values included.
    setLogVerbosity(logVerbosity.NONE);
    this.#server = new GrpcServer(channelOptions(options));
    interceptUnknownMethods(this.#server, options.events);
    const interceptor = admissionInterceptor(new Admission(options), options.logger);
    this.#connections = this.#server.createConnectionInjector(
      new VerifiedConnectionCredentials([interceptor]),
    );
    this.#listener = new MutualTlsListener({
      source: options.source,
      events: options.events,
      onConnection: (socket) => this.#connections.injectConnection(socket),
    });
  }

  /** The address it is bound to. @throws TypeError before it listens */
  get address(): AddressInfo {
    return this.#listener.address;
  }

  listen(callback: (error?: unknown) => void): void {
    this.#start().then(() => callback(), callback);
  }

  /** Ends calls in flight after a grace, at once when there are none. */
  async close(): Promise<void> {
    this.#listener.close();
    const { closeGraceMs = DEFAULT_CLOSE_GRACE_MS } = this.#options;
    const timer = setTimeout(() => {
      this.#server.forceShutdown();
      this.#listener.destroyConnections();
    }, closeGraceMs);
    // Its callback is not waited for: from Node 24 on it comes while calls are still in flight.
    this.#server.tryShutdown(() => undefined);
    await this.#listener.allEnded();
    clearTimeout(timer);
  }

  on(): never {
    throw new TypeError('the gRPC server has no events');
  }

  unwrap(): never {
    throw new TypeError('the gRPC server is not handed out');
  }

  async #start(): Promise<void> {
    const probe = this.getHandlers().get(GUARD_PROBE);
    await assertGuarded(probe && ((carrier) => this.#run(probe, undefined, carrier)));
    const unserved = new Set(this.getHandlers().keys());
    unserved.delete(GUARD_PROBE);
    for (const definition of this.#options.definitions) {
      const service = toGrpcService(definition);
      const paths = Object.keys(service);
      this.#server.addService(
        service,
        Object.fromEntries(paths.map((path) => [path, this.#unaryHandler(path)])),
      );
      for (const path of paths) unserved.delete(path);
    }
    const [stray] = unserved;
    if (stray !== undefined) throw new MissingHandlerError(`no definition served has ${stray}`);
    await this.#listener.listen(this.#options.listen);
  }

  #unaryHandler(path: string) {
    const handler = this.getHandlers().get(path);
    if (!handler) throw new MissingHandlerError(`${path} has no handler`);
    return (call: Call, respond: sendUnaryData<unknown>): void => {
      if (call.request === MALFORMED) {
        respond(REQUEST_MALFORMED);
        return;
      }
      this.#run(handler, call.request, call.metadata).then(
        (response) => respond(null, response),
        (error: unknown) => respond(wireStatusOf(error)),
      );
    };
  }

  /** Nest wraps a handler so that it resolves to an observable when guards or filters have failed it. */
  #run(handler: MessageHandler, request: unknown, carrier: object): Promise<unknown> {
    return lastValueFrom(this.transformToObservable(handler(request, carrier)));
  }
}

const DEFAULT_CLOSE_GRACE_MS = 5_000;
const REQUEST_MALFORMED = new WireStatus(RPC_STATUS.INVALID_ARGUMENT, 'request_malformed');
const INTERNAL_ERROR = new WireStatus(RPC_STATUS.INTERNAL, 'internal_error');

/** The exception filter maps every error; what slips past it must not become UNKNOWN or show its text. */
function wireStatusOf(error: unknown): WireStatus {
  return error instanceof WireStatus ? error : INTERNAL_ERROR;
}
