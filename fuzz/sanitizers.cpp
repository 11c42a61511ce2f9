// How AddressSanitizer runs in the targets, the sessions of which allocate some hundred times a run, so that most of
// the time is its allocator's. A quarantine of 1 MB holds what the last runs freed: a use after free is seen all the
// same. Two callers of each allocation are kept, with fewer LeakSanitizer sees no leak and does not say so. New memory
// is not filled, and frames of returned functions are not watched: for that a finding is played once more (campaign.sh
// does). ASAN_OPTIONS has the last word:
//   ASAN_OPTIONS=malloc_context_size=30:detect_stack_use_after_return=1 session_server crash-...
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "quarantine_size_mb=1:thread_local_quarantine_size_kb=64:malloc_context_size=2:max_malloc_fill_size=0:"
         "detect_stack_use_after_return=0";
}
