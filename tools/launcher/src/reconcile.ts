import { auditedDatabases } from './audit/audited-databases';
import { runCommand } from './cli/run-command';
import { reconcileDatabases } from './reconcile/reconcile-databases';

const USAGE =
  'usage: npm run reconcile [-- --repair], with ORDERS_SERVICE_DATABASE_URL and BILLING_SERVICE_DATABASE_URL';

/**
 * `npm run reconcile [-- --repair]`: orders and charges that do not agree after one of the databases was restored; 1 while
 * there are any. The local cluster's databases unless the environment names others.
 */
async function reconcile(): Promise<number> {
  const [option, ...more] = process.argv.slice(2);
  const databases = await auditedDatabases(process.env);
  const [orders, billing] = [databases.get('orders-service'), databases.get('billing-service')];
  const isWritten = (option === undefined || option === '--repair') && more.length === 0;
  if (!isWritten || orders === undefined || billing === undefined) {
    console.error(USAGE);
    return 2;
  }
  const repair = option === '--repair';
  let leftToPeople = 0;
  const count = await reconcileDatabases(
    { orders, billing },
    {
      repair,
      onDifference: ({ orderId, what, repair: how }) => {
        if (how === 'none') leftToPeople += 1;
        console.log(`${orderId}  ${what}  ${how}`);
      },
    },
  );
  console.log(
    `${count} orders did not agree${repair ? `, ${leftToPeople} are left to people` : ''}`,
  );
  return (repair ? leftToPeople : count) === 0 ? 0 : 1;
}

void runCommand(reconcile);
