/** A value in its unit, as Grafana names it, in few characters. */
export function formatValue(value: number, unit = 'short'): string {
  switch (unit) {
    case 'percentunit':
      return `${rounded(value * 100)} %`;
    case 'bytes':
      return `${rounded(value / 1024 / 1024)} MiB`;
    case 's':
      return seconds(value);
    case 'reqps':
    case 'ops':
      return `${rounded(value)}/s`;
    default:
      return rounded(value);
  }
}

function seconds(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return 'never';
  if (size >= 2 * 86_400) return `${rounded(value / 86_400)} d`;
  if (size >= 2 * 3_600) return `${rounded(value / 3_600)} h`;
  if (size >= 120) return `${rounded(value / 60)} min`;
  return size >= 1 || value === 0 ? `${rounded(value)} s` : `${rounded(value * 1_000)} ms`;
}

function rounded(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : 2;
  return String(Number(value.toFixed(digits)));
}
