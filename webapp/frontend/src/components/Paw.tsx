/** The mark: a paw in honey. The same drawing as static/pawprint/logo.svg. */
export function Paw({ size = 22 }: { size?: number }) {
  return (
    <svg className="paw" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      <ellipse cx="5" cy="11" rx="2.3" ry="3" />
      <ellipse cx="9.6" cy="6" rx="2.4" ry="3.2" />
      <ellipse cx="14.9" cy="6" rx="2.4" ry="3.2" />
      <ellipse cx="19.3" cy="11" rx="2.3" ry="3" />
      <path d="M12.2 11.5c3.2 0 6 3.4 6 6 0 2.2-1.7 3.2-3.3 2.8-1.9-.5-3.5-.5-5.4 0-1.6.4-3.3-.6-3.3-2.8 0-2.6 2.8-6 6-6z" />
    </svg>
  );
}
