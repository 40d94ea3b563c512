/** Loading, in the shape of what will come. Says so once to those who do not see it. */
export function RowsSkeleton({ rows }: { rows: number }) {
  return (
    <div className="skeleton-rows" role="status">
      <span className="visually-hidden">Loading</span>
      {Array.from({ length: rows }, (_, index) => (
        <span
          key={index}
          className="skeleton"
          style={{ width: `${String(Math.round(100 * 0.72 ** index) + 6)}%` }}
        />
      ))}
    </div>
  );
}

export function ChartSkeleton() {
  return (
    <div className="chart-box" role="status">
      <span className="visually-hidden">Loading</span>
      <span className="skeleton skeleton-chart" />
    </div>
  );
}
