package ucum

// A definition says what one of a unit is: value times the unit in.
type definition struct {
	value  string // a rational number: "254/100", "1e3"
	in     string // a unit expression; "" for a base or arbitrary unit
	metric bool   // whether prefixes may be put before it
}

// prefixes are powers of ten, and of two.
var prefixes = map[string]string{
	"Y": "1e24", "Z": "1e21", "E": "1e18", "P": "1e15", "T": "1e12", "G": "1e9", "M": "1e6",
	"k": "1e3", "h": "1e2", "da": "1e1", "d": "1e-1", "c": "1e-2", "m": "1e-3", "u": "1e-6",
	"n": "1e-9", "p": "1e-12", "f": "1e-15", "a": "1e-18", "z": "1e-21", "y": "1e-24",
	"Ki": "1024", "Mi": "1048576", "Gi": "1073741824", "Ti": "1099511627776",
}

// definitions holds the units by their case-sensitive code. A definition with
// no unit makes a dimension of its own. Source: UCUM tables 1 to 5 and their
// extensions for customary and clinical units.
var definitions = map[string]definition{
	// Base units, and arbitrary ones that convert to nothing but themselves.
	"m": {"1", "", true}, "s": {"1", "", true}, "g": {"1", "", true}, "rad": {"1", "", true},
	"K": {"1", "", true}, "C": {"1", "", true}, "cd": {"1", "", true},
	"[iU]": {"1", "", true}, "[arb'U]": {"1", "", false}, "[USP'U]": {"1", "", false},
	"[GPL'U]": {"1", "", false}, "[MPL'U]": {"1", "", false}, "[APL'U]": {"1", "", false},
	"[beth'U]": {"1", "", false}, "[anti'Xa'U]": {"1", "", false}, "[todd'U]": {"1", "", false},
	"[dye'U]": {"1", "", false}, "[smgy'U]": {"1", "", false}, "[bdsk'U]": {"1", "", false},
	"[ka'U]": {"1", "", false}, "[knk'U]": {"1", "", false}, "[mclg'U]": {"1", "", false},
	"[tb'U]": {"1", "", false}, "[CCID_50]": {"1", "", false}, "[TCID_50]": {"1", "", false},
	"[EID_50]": {"1", "", false}, "[PFU]": {"1", "", false}, "[FFU]": {"1", "", false},
	"[CFU]": {"1", "", false}, "[BAU]": {"1", "", false}, "[AU]": {"1", "", false},
	"[Amb'a'1'U]": {"1", "", false}, "[PNU]": {"1", "", false}, "[Lf]": {"1", "", false},
	"[D'ag'U]": {"1", "", false}, "[FEU]": {"1", "", false}, "[ELU]": {"1", "", false},
	"[EU]": {"1", "", false}, "[hp_X]": {"1", "", false}, "[hp_C]": {"1", "", false},
	"[IU]": {"1", "[iU]", true},

	// Numbers.
	"10*": {"10", "1", false}, "10^": {"10", "1", false},
	"[pi]": {"3.1415926535897932384626433832795028841971", "1", false},
	"%":    {"1e-2", "1", false}, "[ppth]": {"1e-3", "1", false}, "[ppm]": {"1e-6", "1", false},
	"[ppb]": {"1e-9", "1", false}, "[pptr]": {"1e-12", "1", false},
	"mol": {"6.0221367e23", "1", true}, "eq": {"1", "mol", true}, "osm": {"1", "mol", true},
	"bit": {"1", "1", true}, "By": {"8", "bit", true}, "[HPF]": {"1", "1", false}, "[LPF]": {"100", "1", false},

	// SI units.
	"sr": {"1", "rad2", true}, "Hz": {"1", "s-1", true}, "N": {"1", "kg.m/s2", true}, "Pa": {"1", "N/m2", true},
	"J": {"1", "N.m", true}, "W": {"1", "J/s", true}, "A": {"1", "C/s", true}, "V": {"1", "J/C", true},
	"F": {"1", "C/V", true}, "Ohm": {"1", "V/A", true}, "S": {"1", "Ohm-1", true}, "Wb": {"1", "V.s", true},
	"T": {"1", "Wb/m2", true}, "H": {"1", "Wb/A", true}, "lm": {"1", "cd.sr", true}, "lx": {"1", "lm/m2", true},
	"Bq": {"1", "s-1", true}, "Gy": {"1", "J/kg", true}, "Sv": {"1", "J/kg", true}, "kat": {"1", "mol/s", true},
	"U": {"1", "umol/min", true}, "l": {"1", "dm3", true}, "L": {"1", "l", true}, "ar": {"100", "m2", true},
	"t": {"1000", "kg", true}, "bar": {"100000", "Pa", true}, "u": {"1.6605402e-24", "g", true},
	"eV": {"1.60217733e-19", "J", true}, "pc": {"3.085678e16", "m", true}, "AU": {"149597.870691", "Mm", false},
	"deg": {"2/360", "[pi].rad", false}, "gon": {"9/10", "deg", false}, "'": {"1/60", "deg", false}, "''": {"1/60", "'", false},

	// Time.
	"min": {"60", "s", false}, "h": {"60", "min", false}, "d": {"24", "h", false}, "wk": {"7", "d", false},
	"a_t": {"365.24219", "d", false}, "a_j": {"365.25", "d", false}, "a_g": {"365.2425", "d", false}, "a": {"1", "a_j", false},
	"mo_s": {"29.53059", "d", false}, "mo_j": {"1/12", "a_j", false}, "mo_g": {"1/12", "a_g", false}, "mo": {"1", "mo_j", false},

	// CGS and physics.
	"dyn": {"1", "g.cm/s2", true}, "erg": {"1", "dyn.cm", true}, "P": {"1", "dyn.s/cm2", true}, "Bi": {"10", "A", true},
	"St": {"1", "cm2/s", true}, "Mx": {"1e-8", "Wb", true}, "G": {"1e-4", "T", true}, "Ci": {"37e9", "Bq", true},
	"R": {"2.58e-4", "C/kg", true}, "RAD": {"100", "erg/g", true}, "REM": {"1", "RAD", true}, "Gal": {"1", "cm/s2", true},
	"[c]": {"299792458", "m/s", true}, "[h]": {"6.6260755e-34", "J.s", true}, "[k]": {"1.380658e-23", "J/K", true},
	"[e]": {"1.60217733e-19", "C", true}, "[m_e]": {"9.1093897e-28", "g", true}, "[m_p]": {"1.6726231e-24", "g", true},
	"[g]": {"9.80665", "m/s2", true}, "gf": {"1", "g.[g]", true}, "atm": {"101325", "Pa", false}, "att": {"1", "kgf/cm2", false},
	"b": {"100", "fm2", false}, "Ao": {"0.1", "nm", false}, "st": {"1", "m3", true}, "[ly]": {"1", "[c].a_j", true},

	// Energy and power.
	"cal": {"4.184", "J", true}, "cal_th": {"4.184", "J", true}, "cal_IT": {"4.1868", "J", true}, "cal_m": {"4.19002", "J", true},
	"[Cal]": {"1", "kcal_th", false}, "[Btu]": {"1.05435", "kJ", false}, "[Btu_IT]": {"1.05505585262", "kJ", false},
	"[HP]": {"550", "[ft_i].[lbf_av]/s", false},

	// International and US lengths and areas.
	"[in_i]": {"254/100", "cm", false}, "[ft_i]": {"12", "[in_i]", false}, "[yd_i]": {"3", "[ft_i]", false},
	"[mi_i]": {"5280", "[ft_i]", false}, "[fth_i]": {"6", "[ft_i]", false}, "[nmi_i]": {"1852", "m", false},
	"[kn_i]": {"1", "[nmi_i]/h", false}, "[sin_i]": {"1", "[in_i]2", false}, "[sft_i]": {"1", "[ft_i]2", false},
	"[syd_i]": {"1", "[yd_i]2", false}, "[cin_i]": {"1", "[in_i]3", false}, "[cft_i]": {"1", "[ft_i]3", false},
	"[cyd_i]": {"1", "[yd_i]3", false}, "[mil_i]": {"1e-3", "[in_i]", false}, "[hd_i]": {"4", "[in_i]", false},
	"[ft_us]": {"1200/3937", "m", false}, "[yd_us]": {"3", "[ft_us]", false}, "[in_us]": {"1/12", "[ft_us]", false},
	"[rd_us]": {"16.5", "[ft_us]", false}, "[mi_us]": {"5280", "[ft_us]", false}, "[acr_us]": {"160", "[rd_us]2", false},

	// Volumes.
	"[gal_us]": {"231", "[in_i]3", false}, "[bbl_us]": {"42", "[gal_us]", false}, "[qt_us]": {"1/4", "[gal_us]", false},
	"[pt_us]": {"1/2", "[qt_us]", false}, "[gil_us]": {"1/4", "[pt_us]", false}, "[foz_us]": {"1/4", "[gil_us]", false},
	"[fdr_us]": {"1/8", "[foz_us]", false}, "[min_us]": {"1/60", "[fdr_us]", false}, "[tbs_us]": {"1/2", "[foz_us]", false},
	"[tsp_us]": {"1/3", "[tbs_us]", false}, "[cup_us]": {"16", "[tbs_us]", false}, "[foz_m]": {"30", "mL", false},
	"[cup_m]": {"240", "mL", false}, "[tsp_m]": {"5", "mL", false}, "[tbs_m]": {"15", "mL", false},
	"[gal_br]": {"4.54609", "l", false}, "[pk_br]": {"2", "[gal_br]", false}, "[bu_br]": {"4", "[pk_br]", false},
	"[qt_br]": {"1/4", "[gal_br]", false}, "[pt_br]": {"1/2", "[qt_br]", false}, "[gil_br]": {"1/4", "[pt_br]", false},
	"[foz_br]": {"1/5", "[gil_br]", false}, "[fdr_br]": {"1/8", "[foz_br]", false}, "[drp]": {"1/20", "ml", false},

	// Masses.
	"[gr]": {"64.79891", "mg", false}, "[lb_av]": {"7000", "[gr]", false}, "[oz_av]": {"1/16", "[lb_av]", false},
	"[dr_av]": {"1/16", "[oz_av]", false}, "[scwt_av]": {"100", "[lb_av]", false}, "[lcwt_av]": {"112", "[lb_av]", false},
	"[ston_av]": {"20", "[scwt_av]", false}, "[lton_av]": {"20", "[lcwt_av]", false}, "[stone_av]": {"14", "[lb_av]", false},
	"[oz_tr]": {"480", "[gr]", false}, "[pwt_tr]": {"24", "[gr]", false}, "[lb_tr]": {"12", "[oz_tr]", false},
	"[sc_ap]": {"20", "[gr]", false}, "[dr_ap]": {"3", "[sc_ap]", false}, "[oz_ap]": {"8", "[dr_ap]", false},
	"[lb_ap]": {"12", "[oz_ap]", false}, "[oz_m]": {"28", "g", false}, "[car_m]": {"0.2", "g", false},
	"[lbf_av]": {"1", "[lb_av].[g]", false}, "[psi]": {"1", "[lbf_av]/[in_i]2", false},

	// Pressure, temperature and clinical units. Cel and [degF] stand in special.
	"m[H2O]": {"9.80665", "kPa", true}, "m[Hg]": {"133.322", "kPa", true}, "[in_i'H2O]": {"25.4", "mm[H2O]", false},
	"[in_i'Hg]": {"25.4", "mm[Hg]", false}, "[PRU]": {"1", "mm[Hg].s/ml", false}, "[wood'U]": {"1", "mm[Hg].min/L", false},
	"[diop]": {"1", "/m", false}, "[MET]": {"3.5", "mL/min/kg", false}, "[Ch]": {"1/3", "mm", false},
	"[degR]": {"5/9", "K", false}, "g%": {"1", "g/dl", true}, "[mesh_i]": {"1", "/[in_i]", false},
	"tex": {"1", "g/km", true}, "[den]": {"1/9", "g/km", false}, "[S]": {"1e-13", "s", false},
}

// A scale is a unit with a zero of its own: kelvin = value·factor + offset.
type scale struct{ factor, offset string }

// special are the units that convert with an offset; only alone, not in
// compounds. Source: UCUM section 22.
var special = map[string]scale{
	"Cel":     {"1", "273.15"},
	"[degF]":  {"5/9", "45967/180"},
	"[degRe]": {"5/4", "273.15"},
}
