import type { CallOptions, RpcTransport } from '@sallyport/contracts';
import type { RpcClientMetrics } from '@sallyport/observability';

/** A transport whose calls are counted by method and status, under the name of the service they go to. */
export class MeasuredTransport implements RpcTransport {
  constructor(
    private readonly transport: RpcTransport,
    private readonly target: string,
    private readonly metrics: RpcClientMetrics,
  ) {}

  unary(path: string, message: Uint8Array, options: CallOptions): Promise<Uint8Array> {
    return this.metrics.measure(this.target, path.slice(1), () =>
      this.transport.unary(path, message, options),
    );
  }

  close(): void {
    this.transport.close();
  }
}
