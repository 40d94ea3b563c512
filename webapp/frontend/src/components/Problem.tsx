import { ApiError, linkPass } from "../api/client";
import { Icon } from "./Icon";

interface ProblemProps {
  readonly what: string;
  readonly error: Error;
  readonly onRetry: () => void;
}

/** What could not be shown, why, and the way to try again (or to log in again). */
export function Problem({ what, error, onRetry }: ProblemProps) {
  const signedOut = error instanceof ApiError && error.isSignedOut;
  return (
    <div className="problem" role="status">
      <Icon name="warning" size={20} />
      <p>
        <strong>{what} could not be loaded.</strong>
        <br />
        {error instanceof ApiError ? error.message : "The answer could not be understood."}
      </p>
      {signedOut && !isShared() ? (
        <a className="btn" href={loginUrl()}>
          Log in
        </a>
      ) : (
        <button type="button" className="btn" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Somebody who came by a link has no account to log in to. */
function isShared(): boolean {
  return linkPass().link !== undefined;
}

function loginUrl(): string {
  const { pathname, search } = window.location;
  return `/login/?next=${encodeURIComponent(pathname + search)}`;
}
