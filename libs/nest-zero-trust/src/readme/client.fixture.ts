import { createRpcClient } from '@sallyport/contracts';
import { GrpcTransport, spiffeIdOfService } from '@sallyport/nest-zero-trust';
import { TrustDomain, type SvidSource } from '@sallyport/workload-identity';
import { GreeterServiceDefinition } from './greeter.fixture';

export async function greet(
  source: SvidSource,
  address: string,
  metadata: Record<string, string>,
): Promise<string> {
  const workload = {
    trustDomain: TrustDomain.parse('sallyport.internal'),
    namespace: 'sallyport',
  };
  const peer = spiffeIdOfService(workload, 'greeter-service');
  const transport = new GrpcTransport({ address, source, peer });
  const greeter = createRpcClient(GreeterServiceDefinition, transport);
  const { id } = await greeter.greet({ id: 'Hello' }, { timeoutMs: 2000, metadata });
  transport.close();
  return id;
}
