// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/clean.h"
#include "model/invariant.h"

/* Sorted by name; a test checks that. */
static const struct invariant table[] = {
	{ "block.fixed", "removable and phys_device are the same for all memory blocks",
	  "the first says whether the kernel can offline memory at all, the second is 0 where firmware has no name "
	  "for it" },
	{ "block.links", "a memory block and its node link to each other, and to no other node",
	  "do_register_memory_block_under_node() makes both links when a block is added and "
	  "unregister_memory_block_under_nodes() removes both; user space finds a block's node by them" },
	{ "block.memmap", "a memory block has as many pages set aside for its memmap as it hosts itself, and all are in use",
	  "the altmap is made when the block is added and freed when it goes; offlining, and where the block's "
	  "other pages begin, go by its number of pages" },
	{ "block.online_type", "a memory block that nobody is onlining has no online type, unless it was told one while online",
	  "memory_subsys_online() takes what the file 'state' noted and clears it, whether or not the block comes "
	  "online; what stays decides over the zone the next time" },
	{ "block.passing", "a memory block that says offline shows no page, on its way there too",
	  "memory_block_change_state() says going-offline until all pages are out; who reads offline takes the memory away" },
	{ "block.place", "a memory block knows its node, and exactly while it is online its zone, unless boot put it into several",
	  "memory_block_online() notes the zone, memory_block_offline() clears it; valid_zones and offlining go "
	  "by them" },
	{ "block.poisoned", "a memory block counts those of its pages that are out of use as broken",
	  "memblk_nr_poison_inc() counts each; the total loses that many when the block goes" },
	{ "block.set", "sysfs has one memory block for each block of boot RAM and of each plugged device",
	  "create_memory_block_devices() and remove_memory_block_devices() are called once per added "
	  "and removed range; a block that stays, or is missing, cannot be onlined or offlined" },
	{ "block.state", "the state of each memory block is what the last successful change made it",
	  "mem->state changes only in memory_block_change_state(); a refused change restores it" },
	{ "block.uevent", "each change of a memory block sends exactly one uevent, a refused one none",
	  "device_online(), device_offline(), device_add() and device_del() each send one; udev and "
	  "kdump act on them" },
	{ "block.zones", "valid_zones names the zone of an online block, and for others the zones it may go to, "
	  "the default first",
	  "valid_zones_show() asks zone_for_pfn_range() with the same rules that onlining then uses" },
	{ "boot.reserved", "boot memory has the same reserved pages at the end as at the start",
	  "hotplugging a device neither reserves nor frees pages that the boot allocator handed over" },
	{ "change.result", "a step ends as the scenario says: it succeeds, or is refused with that error",
	  "the errno tells user space what to do next; a silent success hides a refusal and the reverse" },
	{ "counter.baseline", "what the coverage lists under baseline is as at the start once no memory is plugged",
	  "hotrig explain --coverage says of each why; what stays behind is lost, one piece for each device" },
	{ "counter.constant", "what neither a device nor a program changes is as at the start, whatever is plugged",
	  "some of it is of the machine or of the build; the rest is changed only while pages are being moved, and back "
	  "when they have been: lru_cache_disable() has its lru_cache_enable(), and ksmd waits for no end of an offlining "
	  "that has ended" },
	{ "directmap.attributes", "the direct map of memory that was added is writable, cached, for the kernel alone and "
	  "never executable",
	  "arch_add_memory() maps it with PAGE_KERNEL, as pagemap_range() does for ZONE_DEVICE; the kernel makes only "
	  "what it has for itself another" },
	{ "directmap.mapped", "the direct map maps each page that was added to itself",
	  "arch_add_memory() maps the whole range before anybody gets a page of it; the tables split larger pages, "
	  "never lose them" },
	{ "directmap.residue", "the direct map maps nothing of memory that is gone, or never came",
	  "arch_remove_memory() takes the range out of it: speculation through what stays reaches memory that is no more" },
	{ "driver.blocks", "a virtio-mem driver adds memory blocks only when all that it has are full",
	  "virtio_mem_sbm_plug_request() fills what is partly plugged first; a hole that it forgets is never filled, and the "
	  "device never gets to its whole size" },
	{ "driver.offline", "a virtio-mem driver adds no more memory than 1 GiB, or two of its units, before somebody onlines it",
	  "virtio_mem_could_add_memory() stops there: each memory block costs a memmap before anybody can use it" },
	{ "era.mixed", "not yet onlined hotplugged System RAM is all PG_reserved or all PageOffline, never both",
	  "memmap_init_range() marks such pages one way: PG_reserved until v6.10, PageOffline since "
	  "503b158fc30f (\"mm/memory_hotplug: initialize memmap of !ZONE_DEVICE with PageOffline() instead "
	  "of PageReserved()\") (in v6.11)" },
	{ "fill.content", "memory that a program holds keeps its content while the kernel moves its pages",
	  "offlining migrates pages; a copy that goes wrong is silent corruption" },
	{ "fill.residue", "what a program has mapped of a devdax device is unmapped when the device loses its driver",
	  "kill_dev_dax() unmaps the device's inode: through a mapping that stays the program reads and writes memory that "
	  "is somebody else's by then" },
	{ "firmware.memmap", "/sys/firmware/memmap has one System RAM entry for each plugged device, and else "
	  "what it had at boot",
	  "add_memory_resource() adds an entry and try_remove_memory() removes it; kexec reads them" },
	{ "group.members", "the memory blocks of a device are in one memory group, that of no other device, and boot memory in none",
	  "each device has one registered with its node; which zone memory of it goes to by itself is decided for "
	  "the group" },
	{ "group.present", "a memory group counts the pages of its online blocks, those for the kernel and movable ones",
	  "adjust_present_page_count() adds and takes them with those of the zone, or not at all; the ratio of "
	  "auto-movable is reckoned from them" },
	{ "group.size", "a group is static and as large as its device, or dynamic and of the units of virtio-mem",
	  "drivers tell memory_group_register_static() or _dynamic() what they will add; the policy auto-movable finds "
	  "room for as much" },
	{ "host.backend", "QEMU maps as much hotplugged memory as devices are plugged, and none after unplug",
	  "object-del of a backend gives its memory back to the host" },
	{ "host.devices", "query-memory-devices lists exactly the devices that were plugged",
	  "host and guest must agree which devices exist" },
	{ "host.plugged", "what QEMU counts as plugged of a virtio-mem device is what the guest uses of it, page for page",
	  "the driver asks for each unit before it uses it and gives it back after; a unit that only one side "
	  "counts is lost, or used without being there" },
	{ "iomem.flags", "System RAM of a driver is marked as the driver's own and as mergeable where that asked for it, all else as at "
	  "boot",
	  "register_memory_resource() sets the flags and each split or merge keeps them; kexec and crash dumps choose "
	  "memory by them" },
	{ "iomem.missing", "/proc/iomem has a System RAM entry for each plugged device",
	  "register_memory_resource() claims the range before memory is added; kdump reads it" },
	{ "iomem.residue", "/proc/iomem has nothing that was not there at boot and belongs to no plugged device",
	  "release_mem_region_adjustable() removes the range; what stays makes the next plug fail" },
	{ "kcore.content", "/proc/kcore shows memory that is not online, or PageOffline, as zeroes",
	  "read_kcore_iter() asks pfn_to_online_page() and PageOffline(): who reads what virtio-mem unplugged takes it "
	  "from the host again, and what is not online may be anybody's" },
	{ "kcore.memmap", "/proc/kcore has the memmap of each segment of RAM, and no other",
	  "get_sparsemem_vmemmap_info() adds it beside the segment; debuggers read struct pages there" },
	{ "kcore.ram", "/proc/kcore has exactly the System RAM below the end of the nodes with memory, as of the last "
	  "change of a block",
	  "kcore_update_ram() makes the list at the first open after MEM_ONLINE or MEM_OFFLINE; what it lacks reads "
	  "as zeroes, what it has too much may be gone" },
	{ "kcore.size", "/proc/kcore is as large as its last segment reaches",
	  "kcore_update_ram() renews the size with the list, open_kcore() hands it on; who seeks to the end lands there" },
	{ "kernel.batch", "vm_committed_as_batch follows from MemTotal and the number of CPUs",
	  "mm_compute_batch() runs when a block went online or offline: how far the kernel may be off in what it thinks is "
	  "committed" },
	{ "kernel.end", "max_pfn never falls, high_memory and max_low_pfn follow it",
	  "update_end_of_memory_vars() sets all three when memory is added above; drivers take addresses below for RAM" },
	{ "kpagecount.nopage", "/proc/kpagecount and /proc/kpagecgroup show 0 for memory that is not online",
	  "they go through pfn_to_online_page(), too: mapcount and owner of an offline page are garbage" },
	{ "kpageflags.agree", "/proc/kpageflags says of an unchanged page what its struct page says",
	  "stable_page_flags() copies the bits; a difference means that one of the two views is wrong" },
	{ "kpageflags.length", "/proc/kpageflags ends at the highest pfn that was ever added, rounded up to a section",
	  "adding memory raises max_pfn (update_end_of_memory_vars()), nothing lowers it" },
	{ "kpageflags.nopage", "/proc/kpageflags shows NOPAGE for memory that is not online, and only for it",
	  "the walkers go through pfn_to_online_page(): an offline memmap may hold garbage" },
	{ "leak.callsite", "no call site's slab objects grow by one with each cycle of plugging and unplugging",
	  "what is allocated for a device is freed with it; slub_debug=U notes who allocated each object" },
	{ "leak.pages", "the allocated pages that say nothing of their use do not grow by one with each cycle",
	  "a memmap and the page tables of the direct map go back to the allocator with the memory that they were for" },
	{ "leak.percpu", "the allocated bytes of per-cpu memory do not grow by one with each cycle",
	  "the lists and counts that each processor has of a zone, and its references to a device, are freed with them" },
	{ "meminfo.commit", "CommitLimit is the share of MemTotal that overcommit_ratio says, and all swap",
	  "vm_commit_limit() computes it from the pages that there are now" },
	{ "meminfo.directmap", "the direct map grows and shrinks by exactly what is plugged and unplugged",
	  "init_memory_mapping() and kernel_physical_mapping_remove() count pages of each size; splitting one "
	  "keeps the sum" },
	{ "meminfo.poisoned", "HardwareCorrupted counts the pages of plugged memory that are poisoned, and no other",
	  "memory_failure() and soft_offline_page() count each page once, remove_memory_block_devices() takes those "
	  "of a block off: see 5033091de814 (v6.2)" },
	{ "meminfo.total", "MemTotal changes by exactly the pages that were onlined and offlined",
	  "adjust_managed_page_count() changes zone and total together" },
	{ "memmap.held", "pages that hold the memmap of plugged memory are neither free nor, unless they are its own, "
	  "PG_reserved",
	  "vmemmap_populate() takes them from the buddy, which marks nothing; only memblock reserves what it "
	  "hands out, and a memmap on a free page is overwritten by whoever gets it" },
	{ "memmap.node", "the memmap of a new memory block is on the block's own node, if that had room for it before and "
	  "after",
	  "vmemmap_alloc_block() asks for pages of the node that the section is added to" },
	{ "memmap.place", "struct pages lie where they are to: between info block and data of their namespace, at the start "
	  "of their own block, or in RAM that is online",
	  "vmem_altmap_alloc() hands out what the altmap does not reserve, vmemmap_alloc_block() pages of the buddy; "
	  "anywhere else somebody overwrites them, or they somebody" },
	{ "memmap.readable", "every struct page of a section with a memmap can be read",
	  "vmemmap_populate() maps the memmap of the whole range before the section is marked present" },
	{ "memmap.residue", "nothing is mapped where the struct pages of sections without a memmap would be",
	  "vmemmap_free() unmaps and frees what vmemmap_populate() took; what stays is lost, or mapped twice when the "
	  "section comes back" },
	{ "nd.attributes", "a region and its namespaces are as large, as aligned and where they were asked to be",
	  "libnvdimm and device-dax compute their layout from the label and the info block; all users of the "
	  "memory take it from there" },
	{ "nd.labels", "making a namespace takes one label slot of its NVDIMM, and destroying it gives that back",
	  "a label is written to a free slot before the one that it replaces is freed; once none is left, no "
	  "namespace can be made or changed any more" },
	{ "nd.persistent", "a region that gets its driver back has the namespaces that it had, and they are what they were",
	  "they are made anew from their labels and info blocks, as at each boot: what differs was never written, or is read "
	  "wrongly, and the data behind it is lost" },
	{ "node.allowed", "whom no cpuset restricts may use each node that has memory, and no other",
	  "cpuset_track_online_nodes() follows N_MEMORY; memory that no task may use is there in vain" },
	{ "node.counts", "an online node has per-cpu counts of its own",
	  "free_area_init_core_hotplug() takes boot_nodestats from it, which is for all nodes that never were online: what "
	  "two nodes count there is nobody's" },
	{ "node.demotion", "a node demotes its pages to nodes of the next lower memory tier, and to no others",
	  "establish_demotion_targets() goes by the tiers each time that a node gets its first memory or loses its last: "
	  "reclaim moves pages to whom it names without another look" },
	{ "node.failures", "a node counts each page that memory_failure() took from it once, as recovered",
	  "update_per_node_mf_stats() is called with the result of each; what goes wrong with a free page counts as failed" },
	{ "node.fallback", "a node falls back only to nodes that have memory, as the kernel logs it",
	  "build_zonelists() goes by N_MEMORY: a node that has lost its last page must be out of it before the lists "
	  "are built; see b7812c86c740 (v6.7)" },
	{ "node.folder", "the folder of each node with memory has the same entries as that of the first node at boot",
	  "register_node() and whoever registers with it make them each time that a node comes, unregister_node() takes them "
	  "away: what stays behind of the one is in the way of the other" },
	{ "node.gauges", "a node without pages counts nothing that pages are used for, with the shares of all CPUs",
	  "a page that is moved or freed is taken off the counts of its node; what stays is there for good, and "
	  "reclaim and overcommit believe it" },
	{ "node.isolated", "no page counts as isolated from its LRU list when nothing moves pages",
	  "whoever isolates a page to migrate it counts it, and again when it is put back or gone: too_many_isolated() stalls "
	  "who allocates while the count is high" },
	{ "node.memory", "a node is in has_memory while it has online memory",
	  "node_states_set_node() and node_states_clear_node(); the zonelists follow N_MEMORY" },
	{ "node.normal", "a node is in has_normal_memory while it has online memory below Movable",
	  "node_states_set_node() and node_states_clear_node(); allocations of the kernel itself go only there" },
	{ "node.nr_zones", "nr_zones of a node covers each zone that memory was put into",
	  "reclaim and compaction walk the zones below nr_zones; see 8f416836c0d5 (v4.20)" },
	{ "node.online", "a node is online while it has CPUs or memory blocks",
	  "try_online_node() and try_offline_node(); see 2c91f8fc6c99 (v5.4)" },
	{ "node.present", "node_present_pages is the sum of its zones",
	  "adjust_present_page_count() changes zone and node together" },
	{ "node.reclaim", "min_unmapped_pages and min_slab_pages of a node are their share of its managed pages",
	  "setup_min_unmapped_ratio() and setup_min_slab_ratio() run when a block went online or offline; node reclaim goes "
	  "by them" },
	{ "node.reserve", "totalreserve_pages of each node and of all follow from the reserves and high marks of its zones",
	  "calculate_totalreserve_pages() runs behind those; overcommit and dirty limits leave them out" },
	{ "node.slab", "the slab allocator takes pages from each node with memory that the kernel itself may use, and from no "
	  "other",
	  "slab_mem_going_online_callback() sets the node in slab_nodes with its first page, slab_mem_offline_callback() clears "
	  "it with the last; whoever asks for memory of a node that is not in it gets that of another" },
	{ "node.spanned", "the span of a node is the hull of its zones",
	  "resize_pgdat_range() and update_pgdat_span(); walkers trust it" },
	{ "node.threads", "kswapd and kcompactd of a node run while it has online memory",
	  "online_pages() starts them with the first memory of a node, offline_pages() stops them with the last" },
	{ "node.tier", "each node with memory is in exactly one memory tier, that of boot memory unless dax/kmem had it first, "
	  "and no other node in any",
	  "memtier_hotplug_callback() puts a node into the tier of its type with its first memory, and takes it out with "
	  "the last; dax/kmem gives the nodes of its devices a slower type. Demotion and promotion go by the tiers" },
	{ "node.total", "MemTotal of a node is the managed pages of its zones",
	  "si_meminfo_node() adds them up; a block that went to another node's zones shows here" },
	{ "node.zonelists", "the zonelists of a node name each zone that has memory once, its own and the highest "
	  "first, and no other",
	  "build_all_zonelists() runs when a zone gets its first page or loses its last; memory in no list is "
	  "allocated by nobody, and ZONE_DEVICE must be in none" },
	{ "ost.sequence", "the guest reports the course of a plug or unplug by the right _OST codes, in order",
	  "ACPI 6.5, 6.3.5: 0 success, 0x82 busy, 0x84 in progress; the host acts on them" },
	{ "page.added", "the memmap of memory that was never onlined is as it was allocated",
	  "onlining initialises it; until then nothing may write to it. It reads zero where the kernel clears "
	  "allocated pages (init_on_alloc), 0xff where it poisons them (DEBUG_VM)" },
	{ "page.buddy", "a free page has refcount 0, no flags, an order below MAX_ORDER and is aligned to it",
	  "__free_one_page() merges by address; the allocator hands out what the order says" },
	{ "page.compound", "a compound tail points to a head in front of it that is marked as head",
	  "compound_head() is followed by everyone who takes a reference" },
	{ "page.flags", "a page that is not handed out has no flag set except those of its class",
	  "free_pages_prepare() clears them (PAGE_FLAGS_CHECK_AT_PREP); a stray flag makes the next owner "
	  "misbehave" },
	{ "page.mapping", "a page of ZONE_DEVICE has a mapping only if it was mapped, and of devdax the index that it is at",
	  "dax_set_mapping() and dax_associate_entry() set both; memory_failure() finds by them whom a broken page kills" },
	{ "page.movable", "no page of the kernel itself is in ZONE_MOVABLE",
	  "only __GFP_MOVABLE allocations go there; slab or page tables would make offlining impossible" },
	{ "page.node", "the node in page->flags is the node of the device",
	  "set_page_links(); page_to_nid() decides whose free lists and counters a page is in" },
	{ "page.offline", "PageOffline is set exactly on pages that are not handed to the buddy by onlining",
	  "__free_pages_core() clears it; an online page that keeps it is lost for the allocator and skipped by "
	  "dump tools" },
	{ "page.pgmap", "the pages of a namespace point to one struct dev_pagemap, those of another to another",
	  "__init_zone_device_page() sets it; whoever takes or gives back a reference finds the device by it" },
	{ "page.refcount", "the reference count is what the page's class says",
	  "a free or offline page has none; one that was initialised and not freed has one" },
	{ "page.reserved", "no page of online hotplugged memory is PG_reserved",
	  "generic_online_page() clears it; a reserved page is lost for the allocator and for migration" },
	{ "page.type", "the page type is what the page's class says",
	  "page_type shares its word with _mapcount: a stale type makes the next mapping corrupt" },
	{ "page.zone", "the zone in page->flags is the zone that its block was onlined to",
	  "set_page_links(); page_zone() decides whose lock and counters are used" },
	{ "pageblock.isolated", "no pageblock is isolated when nothing is being onlined, offlined or unplugged",
	  "undo_isolate_page_range() follows each start_isolate_page_range(), also when offlining is refused; "
	  "what stays isolated is free and cannot be allocated" },
	{ "pageblock.type", "a pageblock is of a type that its zone may have: movable in ZONE_MOVABLE and ZONE_DEVICE, "
	  "unmovable where a block holds its own memmap",
	  "fallback allocations and compaction go by it; the type says what may be mixed into the pageblock" },
	{ "policy.online", "auto_online_blocks reads as what was set",
	  "the policy decides what happens to the next device" },
	{ "policy.parameter", "a parameter reads as the command line gave it, unless the kernel said that it refuses that value",
	  "kernel_param_ops set and show one variable; management tools and tests decide by what is shown" },
	{ "section.state", "a section is present, has a memmap, is online and early as its block is",
	  "pfn_valid(), pfn_to_online_page() and every pfn walker trust these marks" },
	{ "section.subsections", "the sub-section map of hotplugged System RAM is full, and empty after removal",
	  "pfn_section_valid() reads it" },
	{ "splat.bad-page", "the kernel finds no page in a bad state", "bad_page() tells of corrupted struct pages" },
	{ "splat.bug", "the kernel hits no BUG", "a kernel that says so has found itself in a state it cannot be in" },
	{ "splat.lockdep", "the kernel finds no locking error", "a possible deadlock is a deadlock to come" },
	{ "splat.lost-time", "the kernel makes progress", "a stall or hung task although the CPUs ran is a livelock or deadlock" },
	{ "splat.oom", "the kernel does not run out of memory", "no scenario asks for more memory than there is" },
	{ "splat.oops", "the kernel does not oops", "an access that faults is a bug whatever follows" },
	{ "splat.panic", "the kernel does not panic", "nothing here may end the kernel" },
	{ "splat.restart", "the kernel does not start again", "a silent reset is a triple fault" },
	{ "splat.sanitizer", "no sanitizer complains", "KASAN, KFENCE, UBSAN and KCSAN report real errors" },
	{ "splat.warning", "the kernel does not warn", "WARN() marks states that must not happen" },
	{ "step.progress", "a step ends before its deadline while the CPUs get their time",
	  "an operation that never ends while the machine runs is a hang" },
	{ "vmstat.memmap", "nr_memmap_pages counts the memmap of what is plugged",
	  "15995a352474 (\"mm: report per-page metadata information\") (in v6.12): a counter that drifts is a leak" },
	{ "vmstat.sums", "what is counted of all zones and of all nodes is the sum of what is counted of each",
	  "zone_page_state_add() and node_page_state_add() add to both; what one of them misses stays wrong for ever, and "
	  "/proc/vmstat shows the total, zoneinfo the parts" },
	{ "walker.content", "no pfn walker reads what no page can be",
	  "stable_page_flags() gives NOPAGE alone, or flags that have a meaning; all else is memory that is no memmap" },
	{ "walker.error", "whoever walks over all pages is not refused, killed or led to an error, whatever comes and goes",
	  "the walkers ask pfn_to_online_page() and skip what is not there; a read that fails has touched it" },
	{ "witness.nodes", "the agent and the reader from outside see the same zones and nodes",
	  "both read pglist_data of one kernel; if they differ, one of the two is wrong, and no verdict is given" },
	{ "witness.pageblocks", "the agent and the reader from outside see the same pageblocks",
	  "both read mem_section_usage of one kernel; ordinary types may change from one to the other, all else is the "
	  "same; if they differ, no verdict is given" },
	{ "witness.pages", "the agent and the reader from outside see the same struct pages",
	  "one reads through the kernel, the other RAM through the page tables; pages in circulation must be in the "
	  "same zone and node and right or wrong to both, all others the same to the bit; if they differ, no "
	  "verdict is given" },
	{ "witness.sections", "the agent and the reader from outside see the same sections",
	  "both read mem_section of one kernel; if they differ, one of the two is wrong, and no verdict is given" },
	{ "zone.balance", "every page of a zone is managed, reserved or PageOffline",
	  "managed_pages counts what was handed to the allocator; a page in no class is lost, one in two is "
	  "counted twice" },
	{ "zone.blocktypes", "the blocks of pages of each zone are those of boot and of what is online, none is isolated, "
	  "and all that came to zone Movable are movable",
	  "onlining and offlining isolate every block and put it back; one that stays isolated never frees its "
	  "pages to anybody" },
	{ "zone.contiguous", "a zone that is marked contiguous has no hole in what was added to its span",
	  "set_zone_contiguous() looks again whenever a span changes; pageblock_pfn_to_page() skips all checks then" },
	{ "zone.early", "early and CMA pages of a zone are as at boot",
	  "adjust_present_page_count() counts only early sections there, and CMA areas are made at boot" },
	{ "zone.free", "the free pages of a quiet zone are exactly its free lists",
	  "NR_FREE_PAGES and the buddy lists are changed together under the zone lock" },
	{ "zone.gauges", "a zone without pages counts none in use, with the shares of all CPUs",
	  "what a page counts for goes with it; zone_pcp_reset() folds what CPUs still have of the zone" },
	{ "zone.initialized", "a zone that spans memory is initialized, and stays so",
	  "init_currently_empty_zone() makes its free lists before the first page comes" },
	{ "zone.isolated", "no zone counts isolated pageblocks when nothing is being onlined, offlined or unplugged",
	  "with nr_isolate_pageblock above zero each page that is freed is checked for isolation; a count that drifts "
	  "loses pages or time" },
	{ "zone.lists", "a zone with pages has per-cpu lists and counts of its own, one without has the stand-ins that boot "
	  "gave it",
	  "online_pages() calls setup_zone_pageset() for the first page, offline_pages() zone_pcp_reset() behind the last: "
	  "lists that stay are lost when the zone gets the next" },
	{ "zone.managed", "managed pages change by exactly the pages onlined and offlined",
	  "watermarks and MemTotal are computed from them" },
	{ "zone.node", "a zone points to its node",
	  "zone_pgdat and node are set once; reclaim, statistics and policy follow them" },
	{ "zone.orders", "a zone counts and lists as many free chunks of each order as its struct pages have, and nothing else",
	  "nr_free, the lists and the mark of a buddy are changed together under the zone lock; a chunk that is only "
	  "counted lets allocations fail late, one that is only marked is lost, one that is only listed is given away twice" },
	{ "zone.pageset", "batch, highest limit and vm stats threshold of each CPU follow from the zone's managed pages, the "
	  "other limits from its low mark, and what each CPU has is the zone's",
	  "zone_batchsize() and refresh_zone_stat_thresholds() run when a block went online or offline, and "
	  "zone_pcp_enable() takes back what was set for the time of it" },
	{ "zone.pcp", "free pages outside the free lists of a quiet movable zone are exactly its per-cpu lists, in other zones at least",
	  "a page that is neither is lost" },
	{ "zone.present", "present pages are those of boot plus the online blocks of the zone",
	  "adjust_present_page_count() in online_pages() and offline_pages()" },
	{ "zone.protection", "lowmem_reserve of each zone follows from the managed pages of the zones above it",
	  "setup_per_zone_lowmem_reserve() runs when a block went online or offline" },
	{ "zone.spanned", "the span of a zone is the hull of what is online in it",
	  "resize_zone_range() and shrink_zone_span(); walkers and set_zone_contiguous() trust it" },
	{ "zone.start", "a zone starts at its first online page", "resize_zone_range() and shrink_zone_span()" },
	{ "zone.watermark", "min, low, high and promo of each zone follow from the managed pages of all zones and "
	  "min_free_kbytes",
	  "__setup_per_zone_wmarks() runs when a block went online or offline; reclaim starts by them" },
};

const struct invariant *invariant_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	return NULL;
}

/* The kernel's words alone; its lists are right, or node.zonelists speaks. */
bool invariant_goes_on(const char *name)
{
	return !strcmp(name, "node.fallback");
}

const struct invariant *invariant_at(size_t i)
{
	return i < ARRAY_SIZE(table) ? &table[i] : NULL;
}
