(* SPDX-License-Identifier: MIT *)
(* The ways in which OCaml writes a file. *)
let put name = let f = open_out name in output_string f "x"; close_out f
let () =
  put "out/open"; put "tmp"; Sys.rename "tmp" "out/renamed";
  let f = open_out_gen [Open_wronly; Open_append] 0 "out/old-ml" in
  output_string f "y"; close_out f;
  ignore (Sys.command "echo > out/shell")
