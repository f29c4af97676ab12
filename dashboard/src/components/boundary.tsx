import { Component, type ComponentChildren } from "preact";

import { Failure } from "./states";
import { Unloaded, UnloadedError } from "./unloaded";

interface BoundaryState {
  error: Error | null;
}

/** Error boundary: shows a rendering error in place of its children; the rest of the page stays. */
export class Boundary extends Component<{ children: ComponentChildren }, BoundaryState> {
  state: BoundaryState = { error: null };

  static getDerivedStateFromError(error: Error): BoundaryState {
    return { error };
  }

  render() {
    const { error } = this.state;
    if (error instanceof UnloadedError) return <Unloaded />;
    return error ? <Failure error={error} onRetry={() => location.reload()} /> : this.props.children;
  }
}
