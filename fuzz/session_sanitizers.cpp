// How AddressSanitizer runs in the session targets, which allocate some hundred times a run: what one run frees fits a
// quarantine of 4 MB, so a use after free is seen all the same; deep stacks of each allocation, and frames of returned
// functions, cost half of the time. ASAN_OPTIONS has the last word:
//   ASAN_OPTIONS=malloc_context_size=30:detect_stack_use_after_return=1 session_server crash-...
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "quarantine_size_mb=4:thread_local_quarantine_size_kb=256:malloc_context_size=6:"
         "detect_stack_use_after_return=0";
}
