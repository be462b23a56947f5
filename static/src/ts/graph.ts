// The graph page: the shell is there, this adds what draws.
import { MeshGraphElement } from "./graph/mesh_graph";

customElements.define("mesh-graph", MeshGraphElement);
