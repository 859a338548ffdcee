extension RunReport {
    /// The style of what only this page has.
    static let style = """
        section{margin:0 0 44px}
        h2{font-size:20px;color:var(--ink);margin:0 0 4px;letter-spacing:-.005em}
        h4{font-size:13px;margin:10px 0 0;color:var(--soft);font-weight:600}
        section>.lead{margin:0 0 18px;font-size:14px}
        .missing{border:1px solid var(--d);background:var(--tint);border-radius:10px;padding:10px 16px;
        margin:0 0 28px;font-size:13px;overflow-wrap:anywhere}.missing ul{margin:4px 0 0;padding-left:18px}
        .results{overflow-x:auto;margin:0 0 26px}
        .results table{width:auto;min-width:min(100%,560px)}
        .results caption{text-align:left;font-weight:600;padding:0 0 6px}
        .results th,.results td{padding:5px 14px 5px 0;white-space:nowrap;vertical-align:baseline}
        .results th{text-align:left;font-weight:400}.results td,.results .number{text-align:right}
        .results thead th{font-size:13px;color:var(--soft);font-weight:600;border-bottom:1px solid var(--quiet)}
        .results tbody tr+tr{border-top:1px solid var(--line)}
        @media (max-width:560px){.results{font-size:13px}.results th{white-space:normal}
        .results th,.results td{padding-right:10px}}
        .seed>summary{font-weight:600;font-size:14px;margin-bottom:14px;color:var(--ink)}
        .example{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 18px;
        margin:0 0 16px;overflow-wrap:anywhere}
        .example p{margin:0 0 6px}.input{font-weight:600}.gold{color:var(--soft)}.gold b{font-weight:600}
        .example td{padding:5px 12px 5px 0;vertical-align:top;border-top:1px solid var(--line)}
        .sign{width:1.6em;font-weight:700}.right .sign{color:var(--c)}.wrong .sign{color:var(--lost)}
        .models{color:var(--soft);font-size:13px;width:45%}
        .conf{--p0:#cfcabd;--p1:#e3bd84;--p2:#dd8f3f;--p3:#c2571a;--p4:#9b1c31}
        @media (prefers-color-scheme:dark){.conf{--p0:#4f545b;--p1:#8a6f42;--p2:#c08532;--p3:#f0955a;--p4:#ff6b81}}
        .conf .k{grid-template-rows:15px auto 15px}
        .conf .g,.conf .g.d,.conf .g.l{background:none}
        .conf .k i{background:var(--p0)}.conf .k .a,.conf .k .a i{align-self:end}
        .conf .k .b,.conf .k .b i{align-self:start}
        .conf .k i.p0{height:3px;background:var(--p0)}.conf .k i.p1{height:6px;background:var(--p1)}
        .conf .k i.p2{height:9px;background:var(--p2)}.conf .k i.p3{height:12px;background:var(--p3)}
        .conf .k i.p4{height:15px;background:var(--p4)}.conf .k i.z{width:6px}
        .conf .k:last-of-type{padding-right:11px}.conf .k .z{justify-self:end;margin-right:-9px}
        .label{margin:0 0 6px}
        """
}
