import { collectAccessDeclarations, type AccessDeclaration } from '@sallyport/nest-zero-trust';
import { startTestGateway } from './gateway.fixture';

/** Who may reach each handler of the gateway. */
export async function accessDeclarations(): Promise<readonly AccessDeclaration[]> {
  const gateway = await startTestGateway();
  try {
    return collectAccessDeclarations(gateway.app);
  } finally {
    await gateway.close();
  }
}
